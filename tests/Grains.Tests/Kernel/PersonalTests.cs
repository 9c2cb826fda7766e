using System.Text;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal.Memory;

namespace Agora.Grains.Tests.Kernel;

/// <summary>A snapshot's personal part, and a key whose destruction fails: what <c>ErasureTests</c> of the whole product cannot arrange.</summary>
public sealed class PersonalTests
{
    private const string Output = "my-secret-opinion";
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(200);

    [Fact]
    public void A_snapshot_is_sealed_and_after_erasure_ignored()
    {
        var bench = new Bench();
        var host = bench.Activate("secret1");
        bench.Ask(host, new TallyCommand.Keep(Personal.Of(Output)));
        for (var i = 0; i < 500; i++)
        {
            bench.Ask(host, new TallyCommand.Add(1));
        }

        bench.Time.Advance(Old);
        bench.Scheduler.Run(() => host.Close(TimeSpan.Zero));
        var snapshot = bench.Scheduler.Run(() => bench.Journal.LoadSnapshot("default/wallet/secret1", default))!;
        Assert.Equal("user/secret1", snapshot.KeyId);
        Assert.DoesNotContain("sum", Encoding.UTF8.GetString(snapshot.State.Span), StringComparison.Ordinal);

        bench.Ask(bench.Activate("secret1"), new TallyCommand.Erase());
        var next = bench.Next();
        Assert.Equal(500, next.Sum(next.Activate("secret1")));
        Assert.True(bench.Scheduler.Run(async () => await next.Keys.Get("user/secret1")).Destroyed);
    }

    [Fact]
    public void A_key_that_could_not_be_destroyed_is_not_said_to_be_and_the_next_load_destroys_it()
    {
        var bench = new Bench();
        var host = bench.Activate("secret1");
        bench.Ask(host, new TallyCommand.Keep(Personal.Of(Output)));
        bench.Fault = call => call == JournalCall.DestroyKey ? new(JournalFailure.Unavailable) : default;
        Assert.Equal(FailureKind.Unavailable, Bench.FailureIn(bench.Ask(host, new TallyCommand.Erase())));
        Assert.Equal(1, bench.Ended);
        bench.Fault = static _ => default;
        bench.Activate("secret1");
        Assert.True(bench.Scheduler.Run(async () => await bench.Next().Keys.Get("user/secret1")).Destroyed);
    }
}
