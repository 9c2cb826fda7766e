using System.Text;
using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Journal;
using Agora.Journal.Memory;

namespace Agora.Grains.Tests.Kernel;

/// <summary>What is personal is stored sealed only, and after the key is destroyed nobody reads it; all else stays as it was.</summary>
public sealed class PersonalTests
{
    private const string Attribute = "left-handed-luthier";
    private const string Output = "my-secret-opinion";
    private const string Said = "a-very-private-summary";
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(200);

    [Fact]
    public async Task No_attribute_task_output_or_run_output_is_readable_in_any_row()
    {
        await using var world = await Lived();
        Assert.Empty(await Found(world.Journal, Attribute, Output, Said, Base64(Attribute), Base64(Output), Base64(Said)));
        Assert.NotEmpty(await Found(world.Journal, "session.run_settled"));
    }

    [Fact]
    public async Task After_erasure_nothing_personal_is_answered_the_chain_is_whole_and_everything_else_loads()
    {
        var world = await Lived();
        var erased = await world.Entities.User("u1").Send(new UserCommand.EraseData(), world.New());
        Assert.IsType<UserErased>(erased.Reply);
        await world.DisposeAsync();

        await using var next = new World(world.Journal);
        var session = (await next.Journal.Streams("default/session/", null, 10, default)).Single().Split('/')[2];
        var again = (RunView)(await next.Run(session, "c1", 20_000, key: World.Key(session, "k1"))).Reply!;
        Assert.Equal((RunState.Succeeded, null, 20_000L), (again.State, again.Output, again.Payment!.AmountMicros));
        var user = (UserView)(await next.Entities.User("u1").Send(new UserCommand.Get(), next.New())).Reply!;
        Assert.Equal((null, true), (user.Profile, user.Erased));
        Assert.Equal(20_000, (await next.Session(session)).Budget.SpentMicros);
        Assert.Equal(20_000, (await next.Campaign("c1")).Escrow.SpentMicros);

        var broken = new List<BrokenPlace>();
        var report = await Verifier.Verify(next.Journal, broken.Add, default);
        Assert.Empty(broken);
        Assert.True(report.Rows > 0);
    }

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

    private static async Task<World> Lived()
    {
        var world = new World();
        world.Service.Answers = _ => Task.FromResult<StepOutcome>(new StepOutcome.Output(JsonOf(Said), 1));
        await world.PutCampaign("c1", 1_000_000);
        await world.Entities.User("u1").Send(new UserCommand.PutUser(Personal.Of(new Profile([new UserAttribute("craft", [Attribute])], null)), null, null), world.New());
        var session = await world.OpenSession("u1", "a1", 500_000);
        Assert.IsType<Completed>((await world.Complete(session, "c1", output: Output)).Reply);
        Assert.IsType<RunView>((await world.Run(session, "c1", 20_000, key: World.Key(session, "k1"))).Reply);
        return world;
    }

    private static byte[] JsonOf(string text) => Encoding.UTF8.GetBytes($"\"{text}\"");

    private static string Base64(string text) => Convert.ToBase64String(JsonOf(text))[4..^4];

    private static async Task<List<string>> Found(IJournal journal, params IReadOnlyList<string> needles)
    {
        var found = new List<string>();
        foreach (var stream in await journal.Streams("", null, 1_000, default))
        {
            foreach (var row in await journal.Read(stream, 0, 10_000, default))
            {
                found.AddRange(needles.Where(n => row.Body.Span.IndexOf(Encoding.UTF8.GetBytes(n)) >= 0).Select(n => $"{stream} {row.Seq}: {n}"));
            }
        }

        return found;
    }
}
