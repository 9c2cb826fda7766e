using System.Text;
using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Journal;

namespace Agora.Grains.Tests.Product;

/// <summary>What is personal is stored sealed only, and after the key is destroyed nobody reads it; all else stays as it was.</summary>
public sealed class ErasureTests
{
    private const string Attribute = "left-handed-luthier";
    private const string Output = "my-secret-opinion";
    private const string Said = "a-very-private-summary";

    [Fact]
    public async Task No_attribute_task_output_or_run_output_is_readable_in_any_row()
    {
        await using var world = await Lived();
        Assert.Empty(await Found(world.Journal, Attribute, Output, Said, Base64(Attribute), Base64(Output), Base64(Said)));
        Assert.NotEmpty(await Found(world.Journal, "session.run_settled"));
    }

    [Fact]
    public async Task No_plain_hash_of_a_users_request_is_kept_with_its_key()
    {
        await using var world = await Lived();
        var session = (await world.Journal.Streams("default/session/", null, 10, default)).Single().Split('/')[2];
        var key = World.Key(session, "k1");
        var kept = Assert.IsType<ClientKey>(await world.Journal.FindKey("default", key.Credential, key.Key, default)).BodyHash;
        Assert.NotEmpty(kept.ToArray());
        Assert.NotEqual(Convert.FromHexString(key.BodyHash), kept.ToArray());
    }

    [Fact]
    public async Task After_erasure_nothing_personal_is_answered_the_chain_is_whole_and_everything_else_loads()
    {
        var world = await Lived();
        var erased = await world.Entities.User("u1").Send(new UserCommand.EraseData(), world.New());
        Assert.IsType<UserErased>(erased.Reply);
        await world.DisposeAsync();

        await using var next = await World.Start(world.Journal);
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

    private static async Task<World> Lived()
    {
        var world = await World.Start();
        world.Service.Answers = _ => Task.FromResult<StepOutcome>(new ServiceOutcome.Output(JsonOf(Said), 1));
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
