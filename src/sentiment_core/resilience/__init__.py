"""What the call policies decide by: state and arithmetic on an injected clock, without any waiting or calling."""

from sentiment_core.resilience.circuit import BreakerRules, Circuit, State
from sentiment_core.resilience.pacer import Pacer
from sentiment_core.resilience.rate_limiter import RateLimiter
from sentiment_core.resilience.recent_times import RecentTimes
from sentiment_core.resilience.retry_budget import RetryBudget
from sentiment_core.resilience.verdict import Verdict, judge

__all__ = ["BreakerRules", "Circuit", "Pacer", "RateLimiter", "RecentTimes", "RetryBudget", "State", "Verdict", "judge"]
