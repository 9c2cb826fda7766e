using Agora.Journal;

namespace Agora.Web;

/// <summary>Ends of what waits, by the clock that a test may play.</summary>
internal static class Timers
{
    /// <summary>Cancels it in so long. Disposed of asynchronously, or it would cancel what is disposed already: an exception on a thread of the pool ends the process.</summary>
    public static ITimer After(this TimeProvider time, TimeSpan span, CancellationTokenSource over) => time.CreateTimer(static state => ((CancellationTokenSource)state!).Tell(), over, span, Timeout.InfiniteTimeSpan);
}
