using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.ScriptedModels;
using Agora.Testing;

namespace Agora.Api.Tests.Scenarios;

/// <summary>Whatever the providers of a play do it is told by a code that is documented, nothing that was said is lost, and each call is paid once.</summary>
public sealed class ProviderTests
{
    [Theory]
    [InlineData("a byte a chunk")]
    [InlineData("endless")]
    [InlineData("nothing")]
    [InlineData("silent")]
    public async Task A_hint_is_given_or_does_not_count(string how)
    {
        var time = new SimTimeProvider();
        await using var world = await Start("coach", how, time);
        var (session, client, id) = await Said(world);

        var (status, json) = await Answered(world, "coach", how, time, () => PlayWorld.Hint(client, id, "key"));

        var (play, spent) = (await PlayWorld.Get(client, id), await world.Models.SpentInTheEnd(session));
        Assert.Equal(how == "a byte a chunk" ? (200, 1, 1) : (502, 2, 0), (status, play.GetProperty("hints_left").GetInt32(), play.GetProperty("hints").GetArrayLength()));
        Assert.True(status == 200 ? json.GetProperty("data").GetProperty("text").GetString() == "Say since when." : PlayWorld.Code(json) == "upstream_failed", json.GetRawText());

        // The same key pays nobody again, and what came to nothing goes on not to count; another key asks anew.
        var again = await PlayWorld.Hint(client, id, "key");
        Assert.True(status == 200 ? again.Status == 200 : again.Status == 409, again.Json.GetRawText());
        Assert.Equal((1, spent), (world.Calls("coach"), await world.Models.SpentInTheEnd(session)));
        Assert.Equal(play.GetRawText(), (await PlayWorld.Get(client, id)).GetRawText());
        Assert.Equal(how != "a byte a chunk", await IsEstimated(world, session));
        world.Models.Upstream.Script = new() { Reply = Reply.Of("Say since when.") };
        Assert.Equal(200, (await PlayWorld.Hint(client, id, "other")).Status);
        await world.Models.NothingIsHeld(session);
    }

    [Theory]
    [InlineData("a byte a chunk")]
    [InlineData("endless")]
    [InlineData("nothing")]
    [InlineData("silent")]
    public async Task A_play_is_scored_or_can_be_scored_under_another_key(string how)
    {
        var time = new SimTimeProvider();
        await using var world = await Start("judge", how, time);
        var (session, client, id) = await Said(world);

        var (status, json) = await Answered(world, "judge", how, time, () => PlayWorld.Score(client, id, "key"));

        Assert.Equal(how == "a byte a chunk" ? (200, "") : (502, "upstream_failed"), (status, status == 200 ? "" : PlayWorld.Code(json)));
        var spent = await world.Models.SpentInTheEnd(session);
        Assert.Equal(how != "a byte a chunk", await IsEstimated(world, session));
        Assert.Equal(how == "nothing" ? 2 : 1, world.Calls("judge"));
        if (status != 200)
        {
            Assert.Equal(("ended", 1), (PlayWorld.Text(await PlayWorld.Get(client, id), "state"), (await PlayWorld.Get(client, id)).GetProperty("turns").GetInt32()));
            Assert.Equal("idempotency_conflict", PlayWorld.Code((await PlayWorld.Score(client, id, "key")).Json));
            Assert.Equal(spent, await world.Models.SpentInTheEnd(session));
            world.Models.Upstream.Script = new() { Reply = new() { Json = PlayWorld.Judged(3, 1) } };
        }

        Assert.Equal(63, (await PlayWorld.Scored(client, id, "other")).GetProperty("score").GetProperty("percent").GetInt32());
        await world.Models.NothingIsHeld(session);
    }

    private static Task<PlayWorld> Start(string model, string how, SimTimeProvider time) => PlayWorld.Start(
        judged: how == "nothing" && model == "judge" ? static _ => "" : null, time: how == "silent" ? time : null, more: script => how switch
        {
            "a byte a chunk" => script with { Faults = [Of(new Fault.SlowDrip(1, TimeSpan.Zero))] },
            "endless" => script with { Faults = [Of(new Fault.Endless())] },
            "silent" => script with { Faults = [Of(new Fault.HangBeforeHeaders())] },
            _ => script with { Choose = asked => asked.Model == model ? Nothing(script, asked) : script.Choose!(asked) },
        });

    private static FaultRule Of(Fault fault) => FaultRule.Always(fault);

    private static Reply Nothing(Script script, Asked asked) => script.Choose!(asked)! with { Text = "", Json = "" };

    private static async Task<(ModelSession Session, Chats.ChatClient Client, string Id)> Said(PlayWorld world)
    {
        var script = world.Models.Upstream.Script;
        world.Models.Upstream.Script = script with { Faults = [] };
        await world.Put(PlayWorld.Scenario());
        var (session, client) = await world.Open();
        var id = PlayWorld.IdOf(await PlayWorld.Begin(client));
        Assert.Equal("whole", (await PlayWorld.Say(client, id, "It fails.")).End);
        world.Models.Upstream.Script = script;
        return (session, client, id);
    }

    /// <summary>Of a provider that is silent time passes, until it is given up.</summary>
    private static async Task<(int Status, JsonElement Json)> Answered(PlayWorld world, string model, string how, SimTimeProvider time, Func<Task<(int Status, JsonElement Json)>> ask)
    {
        var answer = ask();
        while (how == "silent" && !answer.IsCompleted)
        {
            await Task.WhenAny(answer, Task.Delay(20));
            time.Advance(world.Calls(model) > 0 ? TimeSpan.FromMinutes(1) : TimeSpan.Zero);
        }

        return await answer;
    }

    private static async Task<bool> IsEstimated(PlayWorld world, ModelSession session)
    {
        var runs = (await world.Models.Api.Client.Get("/agent/runs?limit=100", session.Token)).Expect(200).Data.GetProperty("runs");
        var called = await Task.WhenAll(runs.EnumerateArray().Select(run => world.Models.Concluded(session, run.GetProperty("run_id").GetGuid())));
        return called.Any(static end => end.Model!.IsEstimate);
    }
}
