using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Core.Runs;
using Agora.Core.Scenarios;

namespace Agora.Api.Tests.Scenarios;

/// <summary>Of what is asked for at once in a play each is done once, and whoever comes in between is told to wait, not to pay again.</summary>
public sealed class OnceTests
{
    [Fact]
    public async Task Who_asks_again_while_a_paid_hint_is_being_kept_is_told_that_and_not_to_ask_under_another_key()
    {
        await using var held = new HeldCommand(static command => command is ChatCommand.GiveHint);
        await using var world = await PlayWorld.Start(edge: held.Edge);
        var (session, client, id) = await Said(world);

        var first = PlayWorld.Hint(client, id, "key");
        await held.Reached;
        var between = await PlayWorld.Hint(client, id, "key");
        held.Release();

        Assert.Equal((409, "idempotency_in_flight"), (between.Status, PlayWorld.Code(between.Json)));
        Assert.Equal(200, (await first).Status);
        var again = await PlayWorld.Hint(client, id, "key");
        Assert.Equal((await first).Json.GetProperty("data").GetRawText(), again.Json.GetProperty("data").GetRawText());
        Assert.Equal((1, 1), (world.Calls("coach"), (await PlayWorld.Get(client, id)).GetProperty("hints_left").GetInt32()));
        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task Who_asks_again_while_a_paid_score_is_being_kept_is_told_that_and_not_to_ask_under_another_key()
    {
        await using var held = new HeldCommand(static command => command is ChatCommand.Score);
        await using var world = await PlayWorld.Start(edge: held.Edge);
        var (session, client, id) = await Said(world);

        var first = PlayWorld.Score(client, id, "key");
        await held.Reached;
        var between = await PlayWorld.Score(client, id, "key");
        held.Release();

        Assert.Equal((409, "idempotency_in_flight"), (between.Status, PlayWorld.Code(between.Json)));
        Assert.Equal(200, (await first).Status);
        Assert.Equal((await first).Json.GetProperty("data").GetRawText(), (await PlayWorld.Scored(client, id, "key")).GetRawText());
        Assert.Equal(1, world.Calls("judge"));
        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task A_turn_whose_reply_is_only_about_to_be_begun_is_waited_for_before_its_play_is_scored()
    {
        await using var held = new HeldCommand(static command => command is ResponseCommand.Begin);
        await using var world = await PlayWorld.Start(edge: held.Edge);
        await world.Put(PlayWorld.Scenario());
        var (_, client) = await world.Open();
        var id = PlayWorld.IdOf(await PlayWorld.Begin(client));

        var saying = PlayWorld.Say(client, id, "It fails.");
        await held.Reached;
        while ((await PlayWorld.Get(client, id)).GetProperty("turns").GetInt32() == 0) await Task.Delay(20);
        var early = await PlayWorld.Score(client, id);
        held.Release();
        await saying;

        Assert.Equal((503, "unavailable"), (early.Status, PlayWorld.Code(early.Json)));
        Assert.Equal(0, world.Calls("judge"));
        await PlayWorld.Scored(client, id);
        Assert.Contains("So what does that mean for tomorrow?", PlayWorld.Told(world.Asked.Last().Body).Others, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_said_while_a_play_is_being_ended_is_scored_with_the_rest()
    {
        await using var held = new HeldCommand(static command => command is ChatCommand.EndPlay);
        await using var world = await PlayWorld.Start(edge: held.Edge);
        var (_, client, id) = await Said(world);

        var scoring = PlayWorld.Scored(client, id);
        await held.Reached;
        await PlayWorld.Say(client, id, "One order in fifty.");
        held.Release();

        Assert.Equal(2, (await scoring).GetProperty("turns").GetInt32());
        Assert.Contains("One order in fifty.", PlayWorld.Told(world.Asked.Single(one => one.Model == "judge").Body).Others, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_said_while_a_play_is_being_ended_is_scored_when_its_reply_is_there()
    {
        var isSecond = false;
        await using var ending = new HeldCommand(static command => command is ChatCommand.EndPlay);
        await using var replying = new HeldCommand(command => isSecond && command is ResponseCommand.Begin);
        await using var world = await PlayWorld.Start(edge: inner => replying.Edge(ending.Edge(inner)));
        var (_, client, id) = await Said(world);

        var scoring = PlayWorld.Score(client, id);
        await ending.Reached;
        isSecond = true;
        var saying = PlayWorld.Say(client, id, "One order in fifty.");
        await replying.Reached;
        while ((await PlayWorld.Get(client, id)).GetProperty("turns").GetInt32() == 1) await Task.Delay(20);
        ending.Release();
        var (status, early) = await scoring;
        replying.Release();
        await saying;

        Assert.Equal(503, status);
        Assert.Equal("unavailable", PlayWorld.Code(early));
        Assert.Equal(0, world.Calls("judge"));
        Assert.Equal(2, (await PlayWorld.Scored(client, id)).GetProperty("turns").GetInt32());
    }

    [Fact]
    public async Task Who_asks_again_while_the_coach_is_asked_for_a_hint_takes_it_back_from_nobody()
    {
        var isHint = false;
        await using var held = new HeldCommand(command => isHint && command is RunCommand.EndCall);
        await using var world = await PlayWorld.Start(edge: held.Edge);
        var (session, client, id) = await Said(world);
        isHint = true;

        var first = PlayWorld.Hint(client, id, "key");
        await held.Reached;
        var between = await PlayWorld.Hint(client, id, "key");
        var left = (await PlayWorld.Get(client, id)).GetProperty("hints_left").GetInt32();
        var (other, more) = (await PlayWorld.Hint(client, id, "other"), await PlayWorld.Hint(client, id, "more"));
        held.Release();

        Assert.Equal((409, "idempotency_in_flight"), (between.Status, PlayWorld.Code(between.Json)));
        Assert.Equal((1, 200, 403), (left, other.Status, more.Status));
        Assert.Equal("not_eligible", PlayWorld.Code(more.Json));
        Assert.Equal(200, (await first).Status);
        Assert.Equal((2, 2), (world.Calls("coach"), (await PlayWorld.Get(client, id)).GetProperty("hints").GetArrayLength()));
        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task However_many_ask_for_a_score_at_once_the_judge_is_called_as_often_as_it_may_be_and_each_call_is_named()
    {
        await using var world = await PlayWorld.Start(judged: static _ => "Well done.");
        var (session, client, id) = await Said(world);

        var answers = await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => PlayWorld.Score(client, id)));

        Assert.All(answers, static answer => Assert.Contains(answer.Status, (int[])[403, 502, 503]));
        var judged = (await PlayWorld.Get(client, id)).GetProperty("judged").EnumerateArray().Select(static bill => PlayWorld.Text(bill, "run_id")).ToList();
        Assert.Equal((ScenarioLimits.Judgements, ScenarioLimits.Judgements), (world.Calls("judge"), judged.Count));
        Assert.Equal(judged.Order(), answers.SelectMany(static answer => RunsOf(answer.Json)).Distinct().Order());
        Assert.All(answers.Where(static answer => answer.Status == 503), static answer => Assert.Equal(RunsOf(answer.Json).Any() ? "new_key" : "same_key", PlayWorld.Text(answer.Json.GetProperty("error"), "retry")));
        var (status, json) = await PlayWorld.Score(client, id);
        Assert.Equal((403, "not_eligible"), (status, PlayWorld.Code(json)));
        Assert.Equal(judged, RunsOf(json));
        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));
        await world.Models.NothingIsHeld(session);
    }

    [Fact]
    public async Task A_call_of_the_judge_that_cannot_be_counted_is_not_made_and_nothing_is_held_for_it()
    {
        var isAway = true;
        await using var world = await PlayWorld.Start(edge: inner => new HeldEntities(inner) { Until = command => isAway && command is ChatCommand.AskJudge ? Task.FromException(new OperatingException(new(FailureKind.Unavailable))) : null });
        var (session, client, id) = await Said(world);

        Assert.Equal((503, 0), ((await PlayWorld.Score(client, id)).Status, world.Calls("judge")));

        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));
        await world.Models.NothingIsHeld(session);
        isAway = false;
        Assert.Equal("scored", PlayWorld.Text(await PlayWorld.Scored(client, id), "state"));
    }

    /// <summary>That a refusal names as paid.</summary>
    private static IEnumerable<string?> RunsOf(JsonElement json) =>
        json.GetProperty("error").GetProperty("details") is { ValueKind: JsonValueKind.Object } details && details.TryGetProperty("run_ids", out var runs) ? runs.EnumerateArray().Select(static run => run.GetString()) : [];

    private static async Task<(ModelSession Session, Chats.ChatClient Client, string Id)> Said(PlayWorld world)
    {
        await world.Put(PlayWorld.Scenario());
        var (session, client) = await world.Open();
        var id = PlayWorld.IdOf(await PlayWorld.Begin(client));
        await PlayWorld.Say(client, id, "It fails.");
        return (session, client, id);
    }
}
