// Written by `deno task conformance --record`.

import python0 from "./scenarios/callbacks_cancel.out" with { type: "text" };
import python1 from "./scenarios/callbacks_closed.out" with { type: "text" };
import python2 from "./scenarios/callbacks_due_timers.out" with {
  type: "text",
};
import python3 from "./scenarios/callbacks_equal_deadlines.out" with {
  type: "text",
};
import here3 from "./scenarios/callbacks_equal_deadlines.differs.out" with {
  type: "text",
};
import python4 from "./scenarios/callbacks_fifo.out" with { type: "text" };
import python5 from "./scenarios/callbacks_stop.out" with { type: "text" };
import python6 from "./scenarios/callbacks_stop_before_run.out" with {
  type: "text",
};
import python7 from "./scenarios/callbacks_timer_cancels_timer.out" with {
  type: "text",
};
import python8 from "./scenarios/callbacks_timers.out" with { type: "text" };
import python9 from "./scenarios/futures_callback_chain.out" with {
  type: "text",
};
import python10 from "./scenarios/futures_callbacks.out" with { type: "text" };
import python11 from "./scenarios/futures_cancel.out" with { type: "text" };
import here11 from "./scenarios/futures_cancel.differs.out" with {
  type: "text",
};
import python12 from "./scenarios/futures_done_no_suspension.out" with {
  type: "text",
};
import python13 from "./scenarios/futures_exception.out" with { type: "text" };
import python14 from "./scenarios/futures_remove_callback.out" with {
  type: "text",
};
import python15 from "./scenarios/futures_result.out" with { type: "text" };
import here15 from "./scenarios/futures_result.differs.out" with {
  type: "text",
};
import python16 from "./scenarios/futures_waiters.out" with { type: "text" };
import python17 from "./scenarios/futures_wake_order.out" with { type: "text" };
import python18 from "./scenarios/tasks_await_coroutine.out" with {
  type: "text",
};
import python19 from "./scenarios/tasks_await_itself.out" with { type: "text" };
import python20 from "./scenarios/tasks_await_task.out" with { type: "text" };
import python21 from "./scenarios/tasks_before_loop.out" with { type: "text" };
import python22 from "./scenarios/tasks_chain.out" with { type: "text" };
import python23 from "./scenarios/tasks_current.out" with { type: "text" };
import python24 from "./scenarios/tasks_exception.out" with { type: "text" };
import python25 from "./scenarios/tasks_names.out" with { type: "text" };
import python26 from "./scenarios/tasks_not_settable.out" with { type: "text" };
import python27 from "./scenarios/tasks_order.out" with { type: "text" };
import python28 from "./scenarios/tasks_sleep_order.out" with { type: "text" };
import python29 from "./scenarios/tasks_states.out" with { type: "text" };
import python30 from "./scenarios/tasks_wrong_arguments.out" with {
  type: "text",
};
import python31 from "./scenarios/cancel_after_wait_for.out" with {
  type: "text",
};
import python32 from "./scenarios/cancel_becomes_error.out" with {
  type: "text",
};
import python33 from "./scenarios/cancel_before_first_step.out" with {
  type: "text",
};
import python34 from "./scenarios/cancel_child_suppresses.out" with {
  type: "text",
};
import python35 from "./scenarios/cancel_counted.out" with { type: "text" };
import python36 from "./scenarios/cancel_in_finally.out" with { type: "text" };
import python37 from "./scenarios/cancel_nested_coroutines.out" with {
  type: "text",
};
import python38 from "./scenarios/cancel_nested_tasks.out" with {
  type: "text",
};
import python39 from "./scenarios/cancel_order.out" with { type: "text" };
import python40 from "./scenarios/cancel_raised_by_hand.out" with {
  type: "text",
};
import python41 from "./scenarios/cancel_self.out" with { type: "text" };
import python42 from "./scenarios/cancel_sleep.out" with { type: "text" };
import python43 from "./scenarios/cancel_suppressed.out" with { type: "text" };
import python44 from "./scenarios/cancel_taken_back.out" with { type: "text" };
import python45 from "./scenarios/cancel_twice.out" with { type: "text" };
import python46 from "./scenarios/cancel_while_waking.out" with {
  type: "text",
};
import python47 from "./scenarios/cancel_with_result.out" with { type: "text" };
import python48 from "./scenarios/gather_cancel.out" with { type: "text" };
import python49 from "./scenarios/gather_cancel_awaiting_task.out" with {
  type: "text",
};
import python50 from "./scenarios/gather_child_cancelled.out" with {
  type: "text",
};
import python51 from "./scenarios/gather_exception.out" with { type: "text" };
import python52 from "./scenarios/gather_order_of_wakeups.out" with {
  type: "text",
};
import python53 from "./scenarios/gather_results.out" with { type: "text" };
import python54 from "./scenarios/gather_return_exceptions.out" with {
  type: "text",
};
import here54 from "./scenarios/gather_return_exceptions.differs.out" with {
  type: "text",
};
import python55 from "./scenarios/gather_same_twice.out" with { type: "text" };
import python56 from "./scenarios/wait_cancelled.out" with { type: "text" };
import python57 from "./scenarios/wait_first_completed.out" with {
  type: "text",
};
import python58 from "./scenarios/wait_first_exception.out" with {
  type: "text",
};
import python59 from "./scenarios/wait_timeout.out" with { type: "text" };
import python60 from "./scenarios/wait_wrong_arguments.out" with {
  type: "text",
};
import python61 from "./scenarios/shield_cancelled_outside.out" with {
  type: "text",
};
import python62 from "./scenarios/shield_inner_outcomes.out" with {
  type: "text",
};
import python63 from "./scenarios/shield_late_failure.out" with {
  type: "text",
};
import python64 from "./scenarios/waitfor_cancelled.out" with { type: "text" };
import python65 from "./scenarios/waitfor_in_time.out" with { type: "text" };
import python66 from "./scenarios/waitfor_stubborn.out" with { type: "text" };
import python67 from "./scenarios/waitfor_timeout.out" with { type: "text" };
import python68 from "./scenarios/waitfor_zero.out" with { type: "text" };
import python69 from "./scenarios/ascompleted_failures.out" with {
  type: "text",
};
import python70 from "./scenarios/ascompleted_order.out" with { type: "text" };
import python71 from "./scenarios/ascompleted_timeout.out" with {
  type: "text",
};
import python72 from "./scenarios/timeouts_at.out" with { type: "text" };
import python73 from "./scenarios/timeouts_body_has_its_way.out" with {
  type: "text",
};
import python74 from "./scenarios/timeouts_both_at_once.out" with {
  type: "text",
};
import python75 from "./scenarios/timeouts_cancelled_outside.out" with {
  type: "text",
};
import python76 from "./scenarios/timeouts_expire.out" with { type: "text" };
import python77 from "./scenarios/timeouts_nested.out" with { type: "text" };
import python78 from "./scenarios/timeouts_reschedule.out" with {
  type: "text",
};
import python79 from "./scenarios/timeouts_zero.out" with { type: "text" };
import python80 from "./scenarios/timeouts_zero_after_cancel.out" with {
  type: "text",
};
import here80 from "./scenarios/timeouts_zero_after_cancel.differs.out" with {
  type: "text",
};
import python81 from "./scenarios/groups_after_caught_cancellation.out" with {
  type: "text",
};
import here81 from "./scenarios/groups_after_caught_cancellation.differs.out" with {
  type: "text",
};
import python82 from "./scenarios/groups_cancel_order.out" with {
  type: "text",
};
import here82 from "./scenarios/groups_cancel_order.differs.out" with {
  type: "text",
};
import python83 from "./scenarios/groups_cancelled_and_failed.out" with {
  type: "text",
};
import python84 from "./scenarios/groups_cancelled_outside.out" with {
  type: "text",
};
import python85 from "./scenarios/groups_child_cancelled.out" with {
  type: "text",
};
import python86 from "./scenarios/groups_failure.out" with { type: "text" };
import python87 from "./scenarios/groups_in_timeout.out" with { type: "text" };
import python88 from "./scenarios/groups_nested.out" with { type: "text" };
import python89 from "./scenarios/groups_several_failures.out" with {
  type: "text",
};
import python90 from "./scenarios/groups_shutting_down.out" with {
  type: "text",
};
import python91 from "./scenarios/groups_wait.out" with { type: "text" };
import python92 from "./scenarios/locks_barging.out" with { type: "text" };
import python93 from "./scenarios/locks_barrier.out" with { type: "text" };
import python94 from "./scenarios/locks_barrier_broken.out" with {
  type: "text",
};
import python95 from "./scenarios/locks_cancel.out" with { type: "text" };
import python96 from "./scenarios/locks_condition.out" with { type: "text" };
import python97 from "./scenarios/locks_condition_cancel.out" with {
  type: "text",
};
import python98 from "./scenarios/locks_condition_wait_for.out" with {
  type: "text",
};
import python99 from "./scenarios/locks_event.out" with { type: "text" };
import python100 from "./scenarios/locks_order.out" with { type: "text" };
import python101 from "./scenarios/locks_semaphore.out" with { type: "text" };
import python102 from "./scenarios/locks_semaphore_cancel.out" with {
  type: "text",
};
import python103 from "./scenarios/queues_bounded.out" with { type: "text" };
import here103 from "./scenarios/queues_bounded.differs.out" with {
  type: "text",
};
import python104 from "./scenarios/queues_cancel.out" with { type: "text" };
import python105 from "./scenarios/queues_fifo.out" with { type: "text" };
import python106 from "./scenarios/queues_orders.out" with { type: "text" };
import python107 from "./scenarios/queues_shutdown.out" with { type: "text" };
import python108 from "./scenarios/queues_shutdown_immediate.out" with {
  type: "text",
};
import python109 from "./scenarios/eager_current_task.out" with {
  type: "text",
};
import python110 from "./scenarios/eager_done_at_once.out" with {
  type: "text",
};
import python111 from "./scenarios/eager_factory.out" with { type: "text" };
import python112 from "./scenarios/eager_failure.out" with { type: "text" };
import python113 from "./scenarios/eager_in_group.out" with { type: "text" };
import python114 from "./scenarios/eager_start.out" with { type: "text" };
import python115 from "./scenarios/handler_by_hand.out" with { type: "text" };
import python116 from "./scenarios/handler_callback.out" with { type: "text" };
import python117 from "./scenarios/handler_done_callback.out" with {
  type: "text",
};
import python118 from "./scenarios/handler_gather.out" with { type: "text" };
import python119 from "./scenarios/handler_never_retrieved.out" with {
  type: "text",
};
import here119 from "./scenarios/handler_never_retrieved.differs.out" with {
  type: "text",
};
import python120 from "./scenarios/run_leftover_fails.out" with {
  type: "text",
};
import python121 from "./scenarios/run_leftovers.out" with { type: "text" };
import python122 from "./scenarios/run_result.out" with { type: "text" };
import python123 from "./scenarios/run_runner.out" with { type: "text" };
import python124 from "./scenarios/run_runner_misuse.out" with { type: "text" };
import python125 from "./scenarios/run_until_complete.out" with {
  type: "text",
};
import python126 from "./scenarios/repr_futures.out" with { type: "text" };
import python127 from "./scenarios/repr_gather.out" with { type: "text" };
import python128 from "./scenarios/repr_handles.out" with { type: "text" };
import python129 from "./scenarios/repr_locks.out" with { type: "text" };
import python130 from "./scenarios/repr_scopes.out" with { type: "text" };
import python131 from "./scenarios/repr_tasks.out" with { type: "text" };
import python132 from "./scenarios/repr_values.out" with { type: "text" };
import python133 from "./scenarios/repr_waiting_tasks.out" with {
  type: "text",
};
import python134 from "./scenarios/streams_cancel.out" with { type: "text" };
import python135 from "./scenarios/streams_exception.out" with { type: "text" };
import python136 from "./scenarios/streams_read.out" with { type: "text" };
import python137 from "./scenarios/streams_readexactly.out" with {
  type: "text",
};
import python138 from "./scenarios/streams_readline.out" with { type: "text" };
import python139 from "./scenarios/streams_readuntil.out" with { type: "text" };
import python140 from "./scenarios/streams_repr.out" with { type: "text" };
import python141 from "./scenarios/streams_two_readers.out" with {
  type: "text",
};

/** A recorded scenario. */
export interface Scenario {
  name: string;
  /** What the scenario prints in CPython. */
  python: string;
  /** What the scenario prints here, if that differs on purpose. */
  here: string | null;
  /** Imports the TypeScript half, which runs it once, in each style. */
  generator: (() => Promise<unknown>) | null;
  async: (() => Promise<unknown>) | null;
}

/** All scenarios. */
export const SCENARIOS: Scenario[] = [
  {
    name: "callbacks_cancel",
    python: python0,
    here: null,
    generator: () => import("./scenarios/callbacks_cancel.ts"),
    async: () => import("./scenarios/callbacks_cancel.async.ts"),
  },
  {
    name: "callbacks_closed",
    python: python1,
    here: null,
    generator: () => import("./scenarios/callbacks_closed.ts"),
    async: () => import("./scenarios/callbacks_closed.async.ts"),
  },
  {
    name: "callbacks_due_timers",
    python: python2,
    here: null,
    generator: () => import("./scenarios/callbacks_due_timers.ts"),
    async: () => import("./scenarios/callbacks_due_timers.async.ts"),
  },
  {
    name: "callbacks_equal_deadlines",
    python: python3,
    here: here3,
    generator: () => import("./scenarios/callbacks_equal_deadlines.ts"),
    async: () => import("./scenarios/callbacks_equal_deadlines.async.ts"),
  },
  {
    name: "callbacks_fifo",
    python: python4,
    here: null,
    generator: () => import("./scenarios/callbacks_fifo.ts"),
    async: () => import("./scenarios/callbacks_fifo.async.ts"),
  },
  {
    name: "callbacks_stop",
    python: python5,
    here: null,
    generator: () => import("./scenarios/callbacks_stop.ts"),
    async: () => import("./scenarios/callbacks_stop.async.ts"),
  },
  {
    name: "callbacks_stop_before_run",
    python: python6,
    here: null,
    generator: () => import("./scenarios/callbacks_stop_before_run.ts"),
    async: () => import("./scenarios/callbacks_stop_before_run.async.ts"),
  },
  {
    name: "callbacks_timer_cancels_timer",
    python: python7,
    here: null,
    generator: () => import("./scenarios/callbacks_timer_cancels_timer.ts"),
    async: () => import("./scenarios/callbacks_timer_cancels_timer.async.ts"),
  },
  {
    name: "callbacks_timers",
    python: python8,
    here: null,
    generator: () => import("./scenarios/callbacks_timers.ts"),
    async: () => import("./scenarios/callbacks_timers.async.ts"),
  },
  {
    name: "futures_callback_chain",
    python: python9,
    here: null,
    generator: () => import("./scenarios/futures_callback_chain.ts"),
    async: () => import("./scenarios/futures_callback_chain.async.ts"),
  },
  {
    name: "futures_callbacks",
    python: python10,
    here: null,
    generator: () => import("./scenarios/futures_callbacks.ts"),
    async: () => import("./scenarios/futures_callbacks.async.ts"),
  },
  {
    name: "futures_cancel",
    python: python11,
    here: here11,
    generator: () => import("./scenarios/futures_cancel.ts"),
    async: () => import("./scenarios/futures_cancel.async.ts"),
  },
  {
    name: "futures_done_no_suspension",
    python: python12,
    here: null,
    generator: () => import("./scenarios/futures_done_no_suspension.ts"),
    async: () => import("./scenarios/futures_done_no_suspension.async.ts"),
  },
  {
    name: "futures_exception",
    python: python13,
    here: null,
    generator: () => import("./scenarios/futures_exception.ts"),
    async: () => import("./scenarios/futures_exception.async.ts"),
  },
  {
    name: "futures_remove_callback",
    python: python14,
    here: null,
    generator: () => import("./scenarios/futures_remove_callback.ts"),
    async: () => import("./scenarios/futures_remove_callback.async.ts"),
  },
  {
    name: "futures_result",
    python: python15,
    here: here15,
    generator: () => import("./scenarios/futures_result.ts"),
    async: () => import("./scenarios/futures_result.async.ts"),
  },
  {
    name: "futures_waiters",
    python: python16,
    here: null,
    generator: () => import("./scenarios/futures_waiters.ts"),
    async: () => import("./scenarios/futures_waiters.async.ts"),
  },
  {
    name: "futures_wake_order",
    python: python17,
    here: null,
    generator: () => import("./scenarios/futures_wake_order.ts"),
    async: () => import("./scenarios/futures_wake_order.async.ts"),
  },
  {
    name: "tasks_await_coroutine",
    python: python18,
    here: null,
    generator: () => import("./scenarios/tasks_await_coroutine.ts"),
    async: () => import("./scenarios/tasks_await_coroutine.async.ts"),
  },
  {
    name: "tasks_await_itself",
    python: python19,
    here: null,
    generator: () => import("./scenarios/tasks_await_itself.ts"),
    async: () => import("./scenarios/tasks_await_itself.async.ts"),
  },
  {
    name: "tasks_await_task",
    python: python20,
    here: null,
    generator: () => import("./scenarios/tasks_await_task.ts"),
    async: () => import("./scenarios/tasks_await_task.async.ts"),
  },
  {
    name: "tasks_before_loop",
    python: python21,
    here: null,
    generator: () => import("./scenarios/tasks_before_loop.ts"),
    async: () => import("./scenarios/tasks_before_loop.async.ts"),
  },
  {
    name: "tasks_chain",
    python: python22,
    here: null,
    generator: () => import("./scenarios/tasks_chain.ts"),
    async: () => import("./scenarios/tasks_chain.async.ts"),
  },
  {
    name: "tasks_current",
    python: python23,
    here: null,
    generator: () => import("./scenarios/tasks_current.ts"),
    async: () => import("./scenarios/tasks_current.async.ts"),
  },
  {
    name: "tasks_exception",
    python: python24,
    here: null,
    generator: () => import("./scenarios/tasks_exception.ts"),
    async: () => import("./scenarios/tasks_exception.async.ts"),
  },
  {
    name: "tasks_names",
    python: python25,
    here: null,
    generator: () => import("./scenarios/tasks_names.ts"),
    async: () => import("./scenarios/tasks_names.async.ts"),
  },
  {
    name: "tasks_not_settable",
    python: python26,
    here: null,
    generator: () => import("./scenarios/tasks_not_settable.ts"),
    async: () => import("./scenarios/tasks_not_settable.async.ts"),
  },
  {
    name: "tasks_order",
    python: python27,
    here: null,
    generator: () => import("./scenarios/tasks_order.ts"),
    async: () => import("./scenarios/tasks_order.async.ts"),
  },
  {
    name: "tasks_sleep_order",
    python: python28,
    here: null,
    generator: () => import("./scenarios/tasks_sleep_order.ts"),
    async: () => import("./scenarios/tasks_sleep_order.async.ts"),
  },
  {
    name: "tasks_states",
    python: python29,
    here: null,
    generator: () => import("./scenarios/tasks_states.ts"),
    async: () => import("./scenarios/tasks_states.async.ts"),
  },
  {
    name: "tasks_wrong_arguments",
    python: python30,
    here: null,
    generator: () => import("./scenarios/tasks_wrong_arguments.ts"),
    async: () => import("./scenarios/tasks_wrong_arguments.async.ts"),
  },
  {
    name: "cancel_after_wait_for",
    python: python31,
    here: null,
    generator: () => import("./scenarios/cancel_after_wait_for.ts"),
    async: () => import("./scenarios/cancel_after_wait_for.async.ts"),
  },
  {
    name: "cancel_becomes_error",
    python: python32,
    here: null,
    generator: () => import("./scenarios/cancel_becomes_error.ts"),
    async: () => import("./scenarios/cancel_becomes_error.async.ts"),
  },
  {
    name: "cancel_before_first_step",
    python: python33,
    here: null,
    generator: () => import("./scenarios/cancel_before_first_step.ts"),
    async: () => import("./scenarios/cancel_before_first_step.async.ts"),
  },
  {
    name: "cancel_child_suppresses",
    python: python34,
    here: null,
    generator: () => import("./scenarios/cancel_child_suppresses.ts"),
    async: () => import("./scenarios/cancel_child_suppresses.async.ts"),
  },
  {
    name: "cancel_counted",
    python: python35,
    here: null,
    generator: () => import("./scenarios/cancel_counted.ts"),
    async: () => import("./scenarios/cancel_counted.async.ts"),
  },
  {
    name: "cancel_in_finally",
    python: python36,
    here: null,
    generator: () => import("./scenarios/cancel_in_finally.ts"),
    async: () => import("./scenarios/cancel_in_finally.async.ts"),
  },
  {
    name: "cancel_nested_coroutines",
    python: python37,
    here: null,
    generator: () => import("./scenarios/cancel_nested_coroutines.ts"),
    async: () => import("./scenarios/cancel_nested_coroutines.async.ts"),
  },
  {
    name: "cancel_nested_tasks",
    python: python38,
    here: null,
    generator: () => import("./scenarios/cancel_nested_tasks.ts"),
    async: () => import("./scenarios/cancel_nested_tasks.async.ts"),
  },
  {
    name: "cancel_order",
    python: python39,
    here: null,
    generator: () => import("./scenarios/cancel_order.ts"),
    async: () => import("./scenarios/cancel_order.async.ts"),
  },
  {
    name: "cancel_raised_by_hand",
    python: python40,
    here: null,
    generator: () => import("./scenarios/cancel_raised_by_hand.ts"),
    async: () => import("./scenarios/cancel_raised_by_hand.async.ts"),
  },
  {
    name: "cancel_self",
    python: python41,
    here: null,
    generator: () => import("./scenarios/cancel_self.ts"),
    async: () => import("./scenarios/cancel_self.async.ts"),
  },
  {
    name: "cancel_sleep",
    python: python42,
    here: null,
    generator: () => import("./scenarios/cancel_sleep.ts"),
    async: () => import("./scenarios/cancel_sleep.async.ts"),
  },
  {
    name: "cancel_suppressed",
    python: python43,
    here: null,
    generator: () => import("./scenarios/cancel_suppressed.ts"),
    async: () => import("./scenarios/cancel_suppressed.async.ts"),
  },
  {
    name: "cancel_taken_back",
    python: python44,
    here: null,
    generator: () => import("./scenarios/cancel_taken_back.ts"),
    async: () => import("./scenarios/cancel_taken_back.async.ts"),
  },
  {
    name: "cancel_twice",
    python: python45,
    here: null,
    generator: () => import("./scenarios/cancel_twice.ts"),
    async: () => import("./scenarios/cancel_twice.async.ts"),
  },
  {
    name: "cancel_while_waking",
    python: python46,
    here: null,
    generator: () => import("./scenarios/cancel_while_waking.ts"),
    async: () => import("./scenarios/cancel_while_waking.async.ts"),
  },
  {
    name: "cancel_with_result",
    python: python47,
    here: null,
    generator: () => import("./scenarios/cancel_with_result.ts"),
    async: () => import("./scenarios/cancel_with_result.async.ts"),
  },
  {
    name: "gather_cancel",
    python: python48,
    here: null,
    generator: () => import("./scenarios/gather_cancel.ts"),
    async: () => import("./scenarios/gather_cancel.async.ts"),
  },
  {
    name: "gather_cancel_awaiting_task",
    python: python49,
    here: null,
    generator: () => import("./scenarios/gather_cancel_awaiting_task.ts"),
    async: () => import("./scenarios/gather_cancel_awaiting_task.async.ts"),
  },
  {
    name: "gather_child_cancelled",
    python: python50,
    here: null,
    generator: () => import("./scenarios/gather_child_cancelled.ts"),
    async: () => import("./scenarios/gather_child_cancelled.async.ts"),
  },
  {
    name: "gather_exception",
    python: python51,
    here: null,
    generator: () => import("./scenarios/gather_exception.ts"),
    async: () => import("./scenarios/gather_exception.async.ts"),
  },
  {
    name: "gather_order_of_wakeups",
    python: python52,
    here: null,
    generator: () => import("./scenarios/gather_order_of_wakeups.ts"),
    async: () => import("./scenarios/gather_order_of_wakeups.async.ts"),
  },
  {
    name: "gather_results",
    python: python53,
    here: null,
    generator: () => import("./scenarios/gather_results.ts"),
    async: () => import("./scenarios/gather_results.async.ts"),
  },
  {
    name: "gather_return_exceptions",
    python: python54,
    here: here54,
    generator: () => import("./scenarios/gather_return_exceptions.ts"),
    async: () => import("./scenarios/gather_return_exceptions.async.ts"),
  },
  {
    name: "gather_same_twice",
    python: python55,
    here: null,
    generator: () => import("./scenarios/gather_same_twice.ts"),
    async: () => import("./scenarios/gather_same_twice.async.ts"),
  },
  {
    name: "wait_cancelled",
    python: python56,
    here: null,
    generator: () => import("./scenarios/wait_cancelled.ts"),
    async: () => import("./scenarios/wait_cancelled.async.ts"),
  },
  {
    name: "wait_first_completed",
    python: python57,
    here: null,
    generator: () => import("./scenarios/wait_first_completed.ts"),
    async: () => import("./scenarios/wait_first_completed.async.ts"),
  },
  {
    name: "wait_first_exception",
    python: python58,
    here: null,
    generator: () => import("./scenarios/wait_first_exception.ts"),
    async: () => import("./scenarios/wait_first_exception.async.ts"),
  },
  {
    name: "wait_timeout",
    python: python59,
    here: null,
    generator: () => import("./scenarios/wait_timeout.ts"),
    async: () => import("./scenarios/wait_timeout.async.ts"),
  },
  {
    name: "wait_wrong_arguments",
    python: python60,
    here: null,
    generator: () => import("./scenarios/wait_wrong_arguments.ts"),
    async: () => import("./scenarios/wait_wrong_arguments.async.ts"),
  },
  {
    name: "shield_cancelled_outside",
    python: python61,
    here: null,
    generator: () => import("./scenarios/shield_cancelled_outside.ts"),
    async: () => import("./scenarios/shield_cancelled_outside.async.ts"),
  },
  {
    name: "shield_inner_outcomes",
    python: python62,
    here: null,
    generator: () => import("./scenarios/shield_inner_outcomes.ts"),
    async: () => import("./scenarios/shield_inner_outcomes.async.ts"),
  },
  {
    name: "shield_late_failure",
    python: python63,
    here: null,
    generator: () => import("./scenarios/shield_late_failure.ts"),
    async: () => import("./scenarios/shield_late_failure.async.ts"),
  },
  {
    name: "waitfor_cancelled",
    python: python64,
    here: null,
    generator: () => import("./scenarios/waitfor_cancelled.ts"),
    async: () => import("./scenarios/waitfor_cancelled.async.ts"),
  },
  {
    name: "waitfor_in_time",
    python: python65,
    here: null,
    generator: () => import("./scenarios/waitfor_in_time.ts"),
    async: () => import("./scenarios/waitfor_in_time.async.ts"),
  },
  {
    name: "waitfor_stubborn",
    python: python66,
    here: null,
    generator: () => import("./scenarios/waitfor_stubborn.ts"),
    async: () => import("./scenarios/waitfor_stubborn.async.ts"),
  },
  {
    name: "waitfor_timeout",
    python: python67,
    here: null,
    generator: () => import("./scenarios/waitfor_timeout.ts"),
    async: () => import("./scenarios/waitfor_timeout.async.ts"),
  },
  {
    name: "waitfor_zero",
    python: python68,
    here: null,
    generator: () => import("./scenarios/waitfor_zero.ts"),
    async: () => import("./scenarios/waitfor_zero.async.ts"),
  },
  {
    name: "ascompleted_failures",
    python: python69,
    here: null,
    generator: () => import("./scenarios/ascompleted_failures.ts"),
    async: () => import("./scenarios/ascompleted_failures.async.ts"),
  },
  {
    name: "ascompleted_order",
    python: python70,
    here: null,
    generator: () => import("./scenarios/ascompleted_order.ts"),
    async: () => import("./scenarios/ascompleted_order.async.ts"),
  },
  {
    name: "ascompleted_timeout",
    python: python71,
    here: null,
    generator: () => import("./scenarios/ascompleted_timeout.ts"),
    async: () => import("./scenarios/ascompleted_timeout.async.ts"),
  },
  {
    name: "timeouts_at",
    python: python72,
    here: null,
    generator: () => import("./scenarios/timeouts_at.ts"),
    async: () => import("./scenarios/timeouts_at.async.ts"),
  },
  {
    name: "timeouts_body_has_its_way",
    python: python73,
    here: null,
    generator: () => import("./scenarios/timeouts_body_has_its_way.ts"),
    async: () => import("./scenarios/timeouts_body_has_its_way.async.ts"),
  },
  {
    name: "timeouts_both_at_once",
    python: python74,
    here: null,
    generator: () => import("./scenarios/timeouts_both_at_once.ts"),
    async: () => import("./scenarios/timeouts_both_at_once.async.ts"),
  },
  {
    name: "timeouts_cancelled_outside",
    python: python75,
    here: null,
    generator: () => import("./scenarios/timeouts_cancelled_outside.ts"),
    async: () => import("./scenarios/timeouts_cancelled_outside.async.ts"),
  },
  {
    name: "timeouts_expire",
    python: python76,
    here: null,
    generator: () => import("./scenarios/timeouts_expire.ts"),
    async: () => import("./scenarios/timeouts_expire.async.ts"),
  },
  {
    name: "timeouts_nested",
    python: python77,
    here: null,
    generator: () => import("./scenarios/timeouts_nested.ts"),
    async: () => import("./scenarios/timeouts_nested.async.ts"),
  },
  {
    name: "timeouts_reschedule",
    python: python78,
    here: null,
    generator: () => import("./scenarios/timeouts_reschedule.ts"),
    async: () => import("./scenarios/timeouts_reschedule.async.ts"),
  },
  {
    name: "timeouts_zero",
    python: python79,
    here: null,
    generator: () => import("./scenarios/timeouts_zero.ts"),
    async: () => import("./scenarios/timeouts_zero.async.ts"),
  },
  {
    name: "timeouts_zero_after_cancel",
    python: python80,
    here: here80,
    generator: () => import("./scenarios/timeouts_zero_after_cancel.ts"),
    async: () => import("./scenarios/timeouts_zero_after_cancel.async.ts"),
  },
  {
    name: "groups_after_caught_cancellation",
    python: python81,
    here: here81,
    generator: () => import("./scenarios/groups_after_caught_cancellation.ts"),
    async: () =>
      import("./scenarios/groups_after_caught_cancellation.async.ts"),
  },
  {
    name: "groups_cancel_order",
    python: python82,
    here: here82,
    generator: () => import("./scenarios/groups_cancel_order.ts"),
    async: () => import("./scenarios/groups_cancel_order.async.ts"),
  },
  {
    name: "groups_cancelled_and_failed",
    python: python83,
    here: null,
    generator: () => import("./scenarios/groups_cancelled_and_failed.ts"),
    async: () => import("./scenarios/groups_cancelled_and_failed.async.ts"),
  },
  {
    name: "groups_cancelled_outside",
    python: python84,
    here: null,
    generator: () => import("./scenarios/groups_cancelled_outside.ts"),
    async: () => import("./scenarios/groups_cancelled_outside.async.ts"),
  },
  {
    name: "groups_child_cancelled",
    python: python85,
    here: null,
    generator: () => import("./scenarios/groups_child_cancelled.ts"),
    async: () => import("./scenarios/groups_child_cancelled.async.ts"),
  },
  {
    name: "groups_failure",
    python: python86,
    here: null,
    generator: () => import("./scenarios/groups_failure.ts"),
    async: () => import("./scenarios/groups_failure.async.ts"),
  },
  {
    name: "groups_in_timeout",
    python: python87,
    here: null,
    generator: () => import("./scenarios/groups_in_timeout.ts"),
    async: () => import("./scenarios/groups_in_timeout.async.ts"),
  },
  {
    name: "groups_nested",
    python: python88,
    here: null,
    generator: () => import("./scenarios/groups_nested.ts"),
    async: () => import("./scenarios/groups_nested.async.ts"),
  },
  {
    name: "groups_several_failures",
    python: python89,
    here: null,
    generator: () => import("./scenarios/groups_several_failures.ts"),
    async: () => import("./scenarios/groups_several_failures.async.ts"),
  },
  {
    name: "groups_shutting_down",
    python: python90,
    here: null,
    generator: () => import("./scenarios/groups_shutting_down.ts"),
    async: () => import("./scenarios/groups_shutting_down.async.ts"),
  },
  {
    name: "groups_wait",
    python: python91,
    here: null,
    generator: () => import("./scenarios/groups_wait.ts"),
    async: () => import("./scenarios/groups_wait.async.ts"),
  },
  {
    name: "locks_barging",
    python: python92,
    here: null,
    generator: () => import("./scenarios/locks_barging.ts"),
    async: () => import("./scenarios/locks_barging.async.ts"),
  },
  {
    name: "locks_barrier",
    python: python93,
    here: null,
    generator: () => import("./scenarios/locks_barrier.ts"),
    async: () => import("./scenarios/locks_barrier.async.ts"),
  },
  {
    name: "locks_barrier_broken",
    python: python94,
    here: null,
    generator: () => import("./scenarios/locks_barrier_broken.ts"),
    async: () => import("./scenarios/locks_barrier_broken.async.ts"),
  },
  {
    name: "locks_cancel",
    python: python95,
    here: null,
    generator: () => import("./scenarios/locks_cancel.ts"),
    async: () => import("./scenarios/locks_cancel.async.ts"),
  },
  {
    name: "locks_condition",
    python: python96,
    here: null,
    generator: () => import("./scenarios/locks_condition.ts"),
    async: () => import("./scenarios/locks_condition.async.ts"),
  },
  {
    name: "locks_condition_cancel",
    python: python97,
    here: null,
    generator: () => import("./scenarios/locks_condition_cancel.ts"),
    async: () => import("./scenarios/locks_condition_cancel.async.ts"),
  },
  {
    name: "locks_condition_wait_for",
    python: python98,
    here: null,
    generator: () => import("./scenarios/locks_condition_wait_for.ts"),
    async: () => import("./scenarios/locks_condition_wait_for.async.ts"),
  },
  {
    name: "locks_event",
    python: python99,
    here: null,
    generator: () => import("./scenarios/locks_event.ts"),
    async: () => import("./scenarios/locks_event.async.ts"),
  },
  {
    name: "locks_order",
    python: python100,
    here: null,
    generator: () => import("./scenarios/locks_order.ts"),
    async: () => import("./scenarios/locks_order.async.ts"),
  },
  {
    name: "locks_semaphore",
    python: python101,
    here: null,
    generator: () => import("./scenarios/locks_semaphore.ts"),
    async: () => import("./scenarios/locks_semaphore.async.ts"),
  },
  {
    name: "locks_semaphore_cancel",
    python: python102,
    here: null,
    generator: () => import("./scenarios/locks_semaphore_cancel.ts"),
    async: () => import("./scenarios/locks_semaphore_cancel.async.ts"),
  },
  {
    name: "queues_bounded",
    python: python103,
    here: here103,
    generator: () => import("./scenarios/queues_bounded.ts"),
    async: () => import("./scenarios/queues_bounded.async.ts"),
  },
  {
    name: "queues_cancel",
    python: python104,
    here: null,
    generator: () => import("./scenarios/queues_cancel.ts"),
    async: () => import("./scenarios/queues_cancel.async.ts"),
  },
  {
    name: "queues_fifo",
    python: python105,
    here: null,
    generator: () => import("./scenarios/queues_fifo.ts"),
    async: () => import("./scenarios/queues_fifo.async.ts"),
  },
  {
    name: "queues_orders",
    python: python106,
    here: null,
    generator: () => import("./scenarios/queues_orders.ts"),
    async: () => import("./scenarios/queues_orders.async.ts"),
  },
  {
    name: "queues_shutdown",
    python: python107,
    here: null,
    generator: () => import("./scenarios/queues_shutdown.ts"),
    async: () => import("./scenarios/queues_shutdown.async.ts"),
  },
  {
    name: "queues_shutdown_immediate",
    python: python108,
    here: null,
    generator: () => import("./scenarios/queues_shutdown_immediate.ts"),
    async: () => import("./scenarios/queues_shutdown_immediate.async.ts"),
  },
  {
    name: "eager_current_task",
    python: python109,
    here: null,
    generator: () => import("./scenarios/eager_current_task.ts"),
    async: () => import("./scenarios/eager_current_task.async.ts"),
  },
  {
    name: "eager_done_at_once",
    python: python110,
    here: null,
    generator: () => import("./scenarios/eager_done_at_once.ts"),
    async: null,
  },
  {
    name: "eager_factory",
    python: python111,
    here: null,
    generator: () => import("./scenarios/eager_factory.ts"),
    async: () => import("./scenarios/eager_factory.async.ts"),
  },
  {
    name: "eager_failure",
    python: python112,
    here: null,
    generator: () => import("./scenarios/eager_failure.ts"),
    async: () => import("./scenarios/eager_failure.async.ts"),
  },
  {
    name: "eager_in_group",
    python: python113,
    here: null,
    generator: () => import("./scenarios/eager_in_group.ts"),
    async: () => import("./scenarios/eager_in_group.async.ts"),
  },
  {
    name: "eager_start",
    python: python114,
    here: null,
    generator: () => import("./scenarios/eager_start.ts"),
    async: () => import("./scenarios/eager_start.async.ts"),
  },
  {
    name: "handler_by_hand",
    python: python115,
    here: null,
    generator: () => import("./scenarios/handler_by_hand.ts"),
    async: () => import("./scenarios/handler_by_hand.async.ts"),
  },
  {
    name: "handler_callback",
    python: python116,
    here: null,
    generator: () => import("./scenarios/handler_callback.ts"),
    async: () => import("./scenarios/handler_callback.async.ts"),
  },
  {
    name: "handler_done_callback",
    python: python117,
    here: null,
    generator: () => import("./scenarios/handler_done_callback.ts"),
    async: () => import("./scenarios/handler_done_callback.async.ts"),
  },
  {
    name: "handler_gather",
    python: python118,
    here: null,
    generator: () => import("./scenarios/handler_gather.ts"),
    async: () => import("./scenarios/handler_gather.async.ts"),
  },
  {
    name: "handler_never_retrieved",
    python: python119,
    here: here119,
    generator: () => import("./scenarios/handler_never_retrieved.ts"),
    async: () => import("./scenarios/handler_never_retrieved.async.ts"),
  },
  {
    name: "run_leftover_fails",
    python: python120,
    here: null,
    generator: () => import("./scenarios/run_leftover_fails.ts"),
    async: () => import("./scenarios/run_leftover_fails.async.ts"),
  },
  {
    name: "run_leftovers",
    python: python121,
    here: null,
    generator: () => import("./scenarios/run_leftovers.ts"),
    async: () => import("./scenarios/run_leftovers.async.ts"),
  },
  {
    name: "run_result",
    python: python122,
    here: null,
    generator: () => import("./scenarios/run_result.ts"),
    async: () => import("./scenarios/run_result.async.ts"),
  },
  {
    name: "run_runner",
    python: python123,
    here: null,
    generator: () => import("./scenarios/run_runner.ts"),
    async: () => import("./scenarios/run_runner.async.ts"),
  },
  {
    name: "run_runner_misuse",
    python: python124,
    here: null,
    generator: () => import("./scenarios/run_runner_misuse.ts"),
    async: () => import("./scenarios/run_runner_misuse.async.ts"),
  },
  {
    name: "run_until_complete",
    python: python125,
    here: null,
    generator: () => import("./scenarios/run_until_complete.ts"),
    async: () => import("./scenarios/run_until_complete.async.ts"),
  },
  {
    name: "repr_futures",
    python: python126,
    here: null,
    generator: () => import("./scenarios/repr_futures.ts"),
    async: () => import("./scenarios/repr_futures.async.ts"),
  },
  {
    name: "repr_gather",
    python: python127,
    here: null,
    generator: () => import("./scenarios/repr_gather.ts"),
    async: () => import("./scenarios/repr_gather.async.ts"),
  },
  {
    name: "repr_handles",
    python: python128,
    here: null,
    generator: () => import("./scenarios/repr_handles.ts"),
    async: () => import("./scenarios/repr_handles.async.ts"),
  },
  {
    name: "repr_locks",
    python: python129,
    here: null,
    generator: () => import("./scenarios/repr_locks.ts"),
    async: () => import("./scenarios/repr_locks.async.ts"),
  },
  {
    name: "repr_scopes",
    python: python130,
    here: null,
    generator: () => import("./scenarios/repr_scopes.ts"),
    async: () => import("./scenarios/repr_scopes.async.ts"),
  },
  {
    name: "repr_tasks",
    python: python131,
    here: null,
    generator: () => import("./scenarios/repr_tasks.ts"),
    async: () => import("./scenarios/repr_tasks.async.ts"),
  },
  {
    name: "repr_values",
    python: python132,
    here: null,
    generator: () => import("./scenarios/repr_values.ts"),
    async: () => import("./scenarios/repr_values.async.ts"),
  },
  {
    name: "repr_waiting_tasks",
    python: python133,
    here: null,
    generator: () => import("./scenarios/repr_waiting_tasks.ts"),
    async: () => import("./scenarios/repr_waiting_tasks.async.ts"),
  },
  {
    name: "streams_cancel",
    python: python134,
    here: null,
    generator: () => import("./scenarios/streams_cancel.ts"),
    async: () => import("./scenarios/streams_cancel.async.ts"),
  },
  {
    name: "streams_exception",
    python: python135,
    here: null,
    generator: () => import("./scenarios/streams_exception.ts"),
    async: () => import("./scenarios/streams_exception.async.ts"),
  },
  {
    name: "streams_read",
    python: python136,
    here: null,
    generator: () => import("./scenarios/streams_read.ts"),
    async: () => import("./scenarios/streams_read.async.ts"),
  },
  {
    name: "streams_readexactly",
    python: python137,
    here: null,
    generator: () => import("./scenarios/streams_readexactly.ts"),
    async: () => import("./scenarios/streams_readexactly.async.ts"),
  },
  {
    name: "streams_readline",
    python: python138,
    here: null,
    generator: () => import("./scenarios/streams_readline.ts"),
    async: () => import("./scenarios/streams_readline.async.ts"),
  },
  {
    name: "streams_readuntil",
    python: python139,
    here: null,
    generator: () => import("./scenarios/streams_readuntil.ts"),
    async: () => import("./scenarios/streams_readuntil.async.ts"),
  },
  {
    name: "streams_repr",
    python: python140,
    here: null,
    generator: () => import("./scenarios/streams_repr.ts"),
    async: () => import("./scenarios/streams_repr.async.ts"),
  },
  {
    name: "streams_two_readers",
    python: python141,
    here: null,
    generator: () => import("./scenarios/streams_two_readers.ts"),
    async: () => import("./scenarios/streams_two_readers.async.ts"),
  },
];
