using System.Runtime.CompilerServices;
using Agora.Simulation.Cluster;
using Agora.Simulation.Plants;

namespace Agora.Simulation.Tests;

/// <summary>Ten thousand seeds run in one process, so nothing of a seed may outlive it.</summary>
public sealed class MemoryTests
{
    [Fact]
    public void A_seed_that_is_over_is_collected_with_all_its_processes()
    {
        WeakReference? cluster = null;
        var thread = new Thread(() => cluster = Simulated());
        thread.Start();
        thread.Join(); // nothing is left on its stack

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(cluster!.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Simulated()
    {
        var cluster = new SimCluster(SeedOptions.Draw(1, wide: false), Plant.None, log: null);
        Assert.Null(SeedRun.Run(cluster).Finding);
        return new(cluster);
    }
}
