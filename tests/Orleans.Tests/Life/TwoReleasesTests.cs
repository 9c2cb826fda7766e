using System.Diagnostics;
using Agora.Crash.Support;
using Agora.Orleans.Tests.Life.Support;
using Xunit.Abstractions;

namespace Agora.Orleans.Tests.Life;

/// <summary>
/// An update, and a step back: silos of another release and of this one are one cluster while either lasts, and understand each other's commands and answers. Build the other
/// release's silo (of 0.7 with <c>-p:GrainRuntime=Orleans</c>) and name its folder in AGORA_OTHER_RELEASE.
/// </summary>
public sealed class TwoReleasesTests(OlderCluster cluster, ITestOutputHelper output) : IClassFixture<OlderCluster>
{
    private static readonly TimeSpan RestBound = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(20);

    [OtherReleaseFact]
    public async Task Silos_of_two_releases_run_one_cluster_in_an_update_and_a_step_back_and_nothing_fails_beyond_a_retryable_503()
    {
        var load = await cluster.Load();
        foreach (var release in (string?[])[null, OtherReleaseFactAttribute.Folder])
        {
            cluster.Release = release;
            for (var silo = 0; silo < LifeCluster.Silos; silo++)
            {
                await cluster.Stop(silo);
                await cluster.Start(silo);
                await cluster.Ready(silo);
                await Task.Delay(Together); // Each agent has spread its work over both releases some hundred times.
                await load.EverySessionAnswers(Stopwatch.GetTimestamp());
                output.WriteLine($"{silo + 1} of {LifeCluster.Silos} silos are of {(release is null ? "this" : "the other")} release: {load}");
            }
        }

        cluster.Release = null; // what follows is read by this one
        await load.Stop();
        await cluster.OpenLedger();
        var (rest, last) = await cluster.Ledger.AtRest(RestBound, load);
        output.WriteLine($"{load.Acknowledged.Count()} runs acknowledged; nothing was left to do after {rest}, the last that was left: {last ?? "nothing"}");
        await cluster.AllRun();
        load.AssertOnlyRetryable();
        await cluster.VerifiesByProgram();
    }
}
