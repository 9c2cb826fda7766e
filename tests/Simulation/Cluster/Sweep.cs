using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Simulation.Cluster;

/// <summary>One process's sweeper: reads the alarms, at its start all of them, then each second those that are due, and wakes their entities.</summary>
public sealed class Sweep(IJournal journal, Entities entities, TimeProvider clock, Func<Guid> newId, Findings findings)
{
    private const int Page = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly HashSet<string> _waking = new(StringComparer.Ordinal);

    public async Task Run()
    {
        var upTo = long.MaxValue;
        while (true)
        {
            try
            {
                await Once(upTo);
                upTo = 0;
            }
            catch (JournalUnavailableException)
            {
                // The next round reads it again.
            }

            await Task.Delay(Every, clock);
            upTo = upTo == long.MaxValue ? upTo : clock.GetUtcNow().ToMicros();
        }
    }

    private async Task Once(long upTo)
    {
        Alarm? after = null;
        while (await journal.Alarms(upTo, after, Page, CancellationToken.None) is { Count: > 0 } alarms)
        {
            foreach (var alarm in alarms.Where(a => _waking.Add(a.Stream)))
            {
                _ = Wake(alarm.Stream);
            }

            after = alarms[^1];
        }
    }

    private async Task Wake(string stream)
    {
        try
        {
            await entities.Wake(StreamId.Parse(stream), newId());
        }
        catch (Exception escaped)
        {
            findings.Add($"waking {stream} failed with {escaped.GetType().Name} instead of a typed failure: {escaped.Message}");
        }
        finally
        {
            _waking.Remove(stream);
        }
    }
}
