using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Silo;

/// <summary>Ready: not draining, the journal can be written, and its clock is within two seconds of ours.</summary>
internal sealed class Readiness(IJournal journal, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(2);

    /// <summary>Null, or why not.</summary>
    public async Task<string?> Check(CancellationToken cancel)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return "draining";
        }

        try
        {
            var skew = Timestamps.FromMicros(await journal.Probe(cancel)) - time.GetUtcNow();
            return skew.Duration() > MostSkew ? "this process's clock is more than 2 s off the journal's" : null;
        }
        catch (JournalUnavailableException)
        {
            return "the journal cannot be written";
        }
    }
}
