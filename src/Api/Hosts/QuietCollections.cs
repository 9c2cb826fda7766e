using Agora.Hosting;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Hosts;

/// <summary>
/// The collector has room for what a busy second leaves (<c>DOTNET_GCgen0size</c>). A process that is quiet, with thousands of idle connections say, would fill that room in minutes and never give it back.
/// So once it has been quiet for <see cref="QuietFor"/> looks, all that nothing uses goes back to the system, at the cost of one pause; and from then on what it leaves is collected at <see cref="RoomBytes"/>.
/// </summary>
internal sealed class QuietCollections(TimeProvider time, ILogger<QuietCollections> log) : BackgroundWork
{
    private const long BusyBytes = 96 << 20; // allocated in a second
    private const long RoomBytes = 32 << 20;
    private const int QuietFor = 20;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    protected override TimeProvider Time => time;

    protected override ILogger Log => log;

    protected override async Task Work(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        var (last, collected, quiet) = (GC.GetTotalAllocatedBytes(), 0L, 0);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = GC.GetTotalAllocatedBytes();
            quiet = now - last < BusyBytes ? quiet + 1 : 0;
            last = now;
            if (quiet == QuietFor)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                collected = now;
            }
            else if (quiet > QuietFor && now - collected >= RoomBytes)
            {
                GC.Collect(1, GCCollectionMode.Forced, blocking: true);
                collected = now;
            }
        }
    }
}
