//! Work on all cores whose results come in the order of what was asked for, with a few inputs and
//! results in memory however many there are.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

/// So many inputs are taken for each thread before the results of the first of them are due.
const AHEAD: usize = 4;
/// So many results of an input wait until they are due; then its thread waits.
const WAITING: usize = 64;

/// Runs `work` for every input, on `jobs` threads that each have a state of their own, and gives what
/// it tells to `each`, in the order of the inputs. `work` ends early when what it told is no longer
/// wanted.
///
/// # Errors
/// What `each` breaks with; no further input is taken then.
pub fn in_order<I: Send, T: Send, S, E>(
    inputs: impl Iterator<Item = I> + Send,
    jobs: NonZeroUsize,
    start: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, I, &Outlet<T>) + Sync,
    mut each: impl FnMut(T) -> ControlFlow<E>,
) -> Result<(), E> {
    let jobs = jobs.get();
    let (to_work, waiting) = sync_channel::<(I, SyncSender<T>)>(1);
    let (to_each, due) = sync_channel::<Receiver<T>>(AHEAD * jobs);
    let (waiting, stopped) = (Mutex::new(waiting), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Moved in, so that both ends are closed with it.
            let (to_work, to_each) = (to_work, to_each);
            for input in inputs {
                let (told, results) = sync_channel(WAITING);
                if to_each.send(results).is_err() || to_work.send((input, told)).is_err() {
                    break;
                }
            }
        });
        for _ in 0..jobs {
            scope.spawn(|| {
                let mut state = start();
                while let Some((input, told)) = take(&waiting) {
                    if !stopped.load(Ordering::Relaxed) {
                        work(&mut state, input, &Outlet(told));
                    }
                }
            });
        }
        // Inputs are taken first in, first out: whoever is due is being worked on, or is the next.
        let mut outcome = ControlFlow::Continue(());
        for results in due {
            outcome = results.into_iter().try_for_each(&mut each);
            if outcome.is_break() {
                stopped.store(true, Ordering::Relaxed);
                break;
            }
        }
        match outcome {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(e) => Err(e),
        }
    })
}

/// The next input, when there is one.
fn take<T>(waiting: &Mutex<Receiver<T>>) -> Option<T> {
    let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.recv().ok()
}

/// Where the results of one input go.
pub struct Outlet<T>(SyncSender<T>);

impl<T> Outlet<T> {
    /// Hands a result on, when there is room; breaks off when nobody wants it.
    pub fn tell(&self, result: T) -> ControlFlow<()> {
        match self.0.send(result) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use super::*;

    const JOBS: NonZeroUsize = NonZeroUsize::new(4).unwrap();

    /// Three results an input, later inputs sooner.
    fn slow_first((): &mut (), input: u64, outlet: &Outlet<(u64, u64)>) {
        for part in 0..3 {
            std::thread::sleep(Duration::from_micros(300 * (7 - input % 8)));
            if outlet.tell((input, part)).is_break() {
                return;
            }
        }
    }

    #[test]
    fn results_come_in_the_order_of_the_inputs_whoever_is_ready_first() {
        let mut found = Vec::new();
        let done = in_order(
            0..100,
            JOBS,
            || (),
            slow_first,
            |result| {
                found.push(result);
                ControlFlow::<()>::Continue(())
            },
        );
        let expected: Vec<_> = (0..100)
            .flat_map(|i| (0..3).map(move |part| (i, part)))
            .collect();
        assert_eq!((done, found), (Ok(()), expected));
    }

    #[test]
    fn inputs_are_taken_when_there_is_room_and_no_more_once_it_is_broken_off() {
        let taken = AtomicUsize::new(0);
        let inputs = (0..1_000_000u64).inspect(|_| {
            taken.fetch_add(1, Ordering::Relaxed);
        });
        let mut count = 0;
        let done = in_order(
            inputs,
            JOBS,
            || (),
            slow_first,
            |(input, _)| {
                let ahead = taken.load(Ordering::Relaxed) - input as usize;
                // Those that are due or being worked on, the one handed over and the one at hand.
                assert!(ahead <= (AHEAD + 1) * JOBS.get() + 3, "{ahead}");
                count += 1;
                match count < 200 {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break("enough"),
                }
            },
        );
        assert_eq!(done, Err("enough"));
        assert!(taken.load(Ordering::Relaxed) < 200);
    }

    #[test]
    fn an_input_with_many_results_waits_until_they_are_wanted() {
        let told = AtomicUsize::new(0);
        let all = |(): &mut (), many: usize, outlet: &Outlet<usize>| {
            for i in 0..many {
                told.fetch_add(1, Ordering::Relaxed);
                if outlet.tell(i).is_break() {
                    return;
                }
            }
        };
        let mut seen = 0;
        let each = |_| {
            seen += 1;
            assert!(told.load(Ordering::Relaxed) <= seen + WAITING + 2);
            ControlFlow::<()>::Continue(())
        };
        in_order([10_000].into_iter(), JOBS, || (), all, each).unwrap();
        assert_eq!(seen, 10_000);
    }
}
