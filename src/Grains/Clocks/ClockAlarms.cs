using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Grains.Clocks;

/// <summary>
/// Rings the alarms of a tenant for tests that its clock has made due, as the sweeper does for all: one after another, by the time that each was set to, at the time that the clock says now. So
/// what comes of it is what comes of alarms after a process was away for that long.
/// </summary>
/// <param name="newId">Of a ring, by the tenant's time; null: random ones.</param>
public sealed class ClockAlarms(IJournal journal, IEntities entities, TenantTimes times, Func<TimeProvider, Guid>? newId = null)
{
    private const int Page = 100;
    private readonly Func<TimeProvider, Guid> _newId = newId ?? (static time => Guid.CreateVersion7(time.GetUtcNow()));

    /// <returns>How many rang, and how many that are due did not, up to <see cref="Limits.ClockAlarms"/>.</returns>
    public async Task<(int Rung, int Left)> Ring(Tenant tenant, CancellationToken cancel)
    {
        var (prefix, began, rung) = ($"{tenant.Name}/", times.World.GetTimestamp(), new HashSet<string>(StringComparer.Ordinal));
        while (await RingDue())
        {
        }

        return (rung.Count, (await journal.AlarmsUnder(prefix, Now(), null, Limits.ClockAlarms, cancel)).Count);

        // What rings may make others due.
        async Task<bool> RingDue()
        {
            var before = rung.Count;
            for (Alarm? after = null; ;)
            {
                var page = await journal.AlarmsUnder(prefix, Now(), after, Page, cancel);
                foreach (var alarm in page.Where(alarm => !rung.Contains(alarm.Stream)))
                {
                    if (rung.Count == Limits.ClockAlarms || times.World.GetElapsedTime(began) >= Limits.ClockRingsFor) return false;

                    await Wake(tenant, StreamId.Parse(alarm.Stream), cancel);
                    rung.Add(alarm.Stream);
                }

                if (page.Count < Page) return rung.Count > before;
                after = page[^1];
            }
        }

        long Now() => times.Now(tenant).ToMicros();
    }

    private async Task Wake(Tenant tenant, StreamId stream, CancellationToken cancel)
    {
        try
        {
            await entities.Of<object>(stream).Send(Manifest.Of(stream).Alarm, new(_newId(times.Of(tenant)), IsStep: true), cancel);
        }
        catch (OperatingException)
        {
            // Its alarm stands: it is counted as left, and the sweeper rings it.
        }
    }
}
