using Agora.Core.Kernel;
using Agora.Journal;
using Microsoft.Extensions.Hosting;

namespace Agora.Api.Hosts;

/// <summary>Where the grains are, as far as readiness cares.</summary>
public interface IGrainHost
{
    /// <summary>Null, or why grains cannot be reached from here now; server text.</summary>
    string? NotReady { get; }
}

/// <summary>Ready: started, not draining, grains can be reached, the journal can be written, and its clock is within two seconds of ours.</summary>
internal sealed class Readiness(IJournal journal, IGrainHost grains, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(2);

    /// <summary>Null, or why not.</summary>
    public async Task<string?> Check(CancellationToken cancel)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return "draining";
        }

        if (grains.NotReady is { } why)
        {
            return why;
        }

        if (!lifetime.ApplicationStarted.IsCancellationRequested)
        {
            return "starting";
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
