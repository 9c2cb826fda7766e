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

/// <param name="Writes">The process writes the journal: being able to read it is not enough.</param>
internal sealed record ReadinessOptions(bool Writes);

/// <summary>
/// Ready: started, not draining, grains can be reached, and the journal can be written, with its clock within two seconds of ours; or, where
/// nothing is written, be read.
/// </summary>
internal sealed class Readiness(ReadinessOptions options, IJournal journal, IGrainHost grains, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(2);

    /// <summary>Null, or why not.</summary>
    public async Task<string?> Check(CancellationToken cancel)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested) return "draining";
        if (grains.NotReady is { } why) return why;
        if (!lifetime.ApplicationStarted.IsCancellationRequested) return "starting";

        try
        {
            return options.Writes ? await CheckWriting(cancel) : await CheckReading(cancel);
        }
        catch (JournalUnavailableException)
        {
            return options.Writes ? "the journal cannot be written" : "the journal cannot be read";
        }
    }

    private async Task<string?> CheckWriting(CancellationToken cancel)
    {
        var skew = Timestamps.FromMicros(await journal.Probe(cancel)) - time.GetUtcNow();
        return skew.Duration() > MostSkew ? "this process's clock is more than 2 s off the journal's" : null;
    }

    private async Task<string?> CheckReading(CancellationToken cancel)
    {
        await journal.Alarms(upToMicros: 0, after: null, limit: 1, cancel);
        return null;
    }
}
