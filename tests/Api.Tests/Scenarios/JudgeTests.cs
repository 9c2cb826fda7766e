using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Scenarios;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Scenarios;

/// <summary>What a judge says is held to the rubric: it is asked once more, and then it is said that there is no score, with all that was paid.</summary>
public sealed class JudgeTests
{
    public static TheoryData<string> Nonsense =>
    [
        "Well done!",
        "{}",
        PlayWorld.Judged(5, 1),
        PlayWorld.Judged(3, 1).Replace("You were hasty.", "\\ud83d", StringComparison.Ordinal),
        PlayWorld.Judged(-1, 1),
        PlayWorld.Judged(3, 1).Replace("[1,1]", "[2]", StringComparison.Ordinal),
        PlayWorld.Judged(3, 1).Replace("\"reason\":\"You were hasty.\"", "\"reason\":\"\"", StringComparison.Ordinal),
        PlayWorld.Judged(3, 1).Replace("\"tone\":", "\"wit\":", StringComparison.Ordinal),
        PlayWorld.Judged(3, 1).Replace("\"score\":1", "\"score\":1,\"score\":4", StringComparison.Ordinal),
        PlayWorld.Judged(3, 1).Replace("\"score\":1", "\"score\":1.5", StringComparison.Ordinal),
        PlayWorld.Judged(3, 1).Replace("\"criteria\":", "\"total\":100,\"criteria\":", StringComparison.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task An_answer_that_is_not_in_the_rubric_s_form_is_asked_for_once_more_and_both_are_paid(string nonsense)
    {
        await using var world = await PlayWorld.Start(n => n == 0 ? nonsense : PlayWorld.Judged(4, 4));
        var (session, client, id) = await Said(world);

        var scored = await PlayWorld.Scored(client, id);

        Assert.Equal(100, scored.GetProperty("score").GetProperty("percent").GetInt32());
        Assert.Equal(2, scored.GetProperty("judged").GetArrayLength());
        Assert.Equal(2, world.Calls("judge"));
        Assert.Contains("This is not what was asked for", PlayWorld.Told(world.Asked.Last().Body).Others, StringComparison.Ordinal);
        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task A_score_in_a_fence_is_read_and_whole_numbers_may_have_a_point()
    {
        await using var world = await PlayWorld.Start(_ => $"```json\n{PlayWorld.Judged(4, 2).Replace("\"score\":2", "\"score\":2.0", StringComparison.Ordinal)}\n```");
        var (_, client, id) = await Said(world);

        Assert.Equal(88, (await PlayWorld.Scored(client, id)).GetProperty("score").GetProperty("percent").GetInt32()); // (100 × 3 + 50) ÷ 4 = 87.5
        Assert.Equal(1, world.Calls("judge"));
    }

    [Fact]
    public async Task Where_the_judge_answers_nonsense_twice_the_play_is_scored_by_another_try_and_all_that_was_paid_is_named()
    {
        await using var world = await PlayWorld.Start(n => n < 2 ? "Well done!" : PlayWorld.Judged(4, 4));
        var (session, client, id) = await Said(world);

        var (status, json) = await PlayWorld.Score(client, id, "first");
        Assert.Equal((502, "upstream_failed"), (status, PlayWorld.Code(json)));
        var runs = json.GetProperty("error").GetProperty("details").GetProperty("run_ids").EnumerateArray().Select(run => run.GetString()).ToList();
        var play = await PlayWorld.Get(client, id);
        Assert.Equal(("ended", JsonValueKind.Null), (PlayWorld.Text(play, "state"), play.GetProperty("score").ValueKind));
        Assert.Equal(runs, play.GetProperty("judged").EnumerateArray().Select(bill => PlayWorld.Text(bill, "run_id")));
        Assert.Equal(2, runs.Count);

        // The same key asks nobody again; another makes another try.
        Assert.Equal("idempotency_conflict", PlayWorld.Code((await PlayWorld.Score(client, id, "first")).Json));
        Assert.Equal(2, world.Calls("judge"));
        var scored = await PlayWorld.Scored(client, id, "second");
        Assert.Equal((100, 3), (scored.GetProperty("score").GetProperty("percent").GetInt32(), scored.GetProperty("judged").GetArrayLength()));
        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task Where_the_budget_is_spent_there_is_no_score_until_a_session_with_room_asks_for_one()
    {
        await using var world = await PlayWorld.Start();
        await world.Put(PlayWorld.Scenario());
        var (poor, client) = await world.Open(budgetCents: "0.9");
        var id = PlayWorld.IdOf(await PlayWorld.Begin(client));
        await PlayWorld.Say((await world.Open()).Client, id, "It fails.");

        Assert.Equal("budget_exceeded", PlayWorld.Code((await PlayWorld.Score(client, id)).Json));
        Assert.Equal("budget_exceeded", PlayWorld.Code((await PlayWorld.Score(client, id)).Json));
        Assert.Equal((0, 0), (world.Calls("judge"), (await PlayWorld.Get(client, id)).GetProperty("judged").GetArrayLength()));
        Assert.Equal(0, await world.Models.SpentInTheEnd(poor));
        Assert.Equal("scored", PlayWorld.Text(await PlayWorld.Scored((await world.Open()).Client, id), "state"));
    }

    [Fact]
    public async Task A_hint_that_is_refused_does_not_count()
    {
        await using var world = await PlayWorld.Start();
        await world.Put(PlayWorld.Scenario());
        var (_, poor) = await world.Open(budgetCents: "0.0001");
        var id = PlayWorld.IdOf(await PlayWorld.Begin(poor));

        Assert.Equal("budget_exceeded", PlayWorld.Code((await PlayWorld.Hint(poor, id)).Json));
        Assert.Equal(2, (await PlayWorld.Get(poor, id)).GetProperty("hints_left").GetInt32());
    }

    [Fact]
    public async Task A_key_of_another_play_ends_none_and_uses_up_no_hint()
    {
        await using var world = await PlayWorld.Start();
        var (_, client, first) = await Said(world);
        await PlayWorld.Scored(client, first, "score");
        var other = PlayWorld.IdOf(await PlayWorld.Begin(client));
        await PlayWorld.Say(client, other, "It fails.");
        Assert.Equal(200, (await PlayWorld.Hint(client, other, "hint")).Status);
        var third = PlayWorld.IdOf(await PlayWorld.Begin(client));

        Assert.Equal("idempotency_conflict", PlayWorld.Code((await PlayWorld.Score(client, other, "score")).Json));
        Assert.Equal("open", PlayWorld.Text(await PlayWorld.Get(client, other), "state"));
        Assert.Equal("idempotency_conflict", PlayWorld.Code((await PlayWorld.Hint(client, third, "hint")).Json));
        Assert.Equal(2, (await PlayWorld.Get(client, third)).GetProperty("hints_left").GetInt32());
        Assert.Equal((1, 1), (world.Calls("judge"), world.Calls("coach")));
    }

    [Fact]
    public async Task A_judge_that_was_paid_and_gave_no_answer_is_named()
    {
        await using var world = await PlayWorld.Start(static _ => PlayWorld.Cut);
        var (_, client, id) = await Said(world);

        var (_, json) = await PlayWorld.Score(client, id);
        Assert.Equal("upstream_failed", PlayWorld.Code(json));
        var run = Assert.Single(json.GetProperty("error").GetProperty("details").GetProperty("run_ids").EnumerateArray()).GetString();
        Assert.Equal(run, PlayWorld.Text(Assert.Single((await PlayWorld.Get(client, id)).GetProperty("judged").EnumerateArray()), "run_id"));
    }

    [Fact]
    public async Task However_often_a_judge_did_nothing_the_play_is_scored_when_it_answers()
    {
        await using var world = await PlayWorld.Start();
        var (session, client, id) = await Said(world);
        var script = world.Models.Upstream.Script;
        world.Models.Upstream.Script = script with { Faults = [FaultRule.Always(new Fault.Status(400))] };

        for (var n = 0; n < ScenarioLimits.Judgements; n++) Assert.Equal("upstream_failed", PlayWorld.Code((await PlayWorld.Score(client, id)).Json));
        Assert.Empty((await PlayWorld.Get(client, id)).GetProperty("judged").EnumerateArray());
        world.Models.Upstream.Script = script;

        Assert.Equal("scored", PlayWorld.Text(await PlayWorld.Scored(client, id), "state"));
        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task A_call_of_the_judge_whose_process_was_gone_before_it_could_say_so_is_named_when_the_play_is_scored()
    {
        var isAway = true;
        await using var world = await PlayWorld.Start(edge: inner => new HeldEntities(inner) { Until = command => isAway && command is ChatCommand.Judge ? Task.FromException(new OperatingException(new(FailureKind.Unavailable))) : null });
        var (session, client, id) = await Said(world);

        Assert.Equal(503, (await PlayWorld.Score(client, id)).Status);
        Assert.Empty((await PlayWorld.Get(client, id)).GetProperty("judged").EnumerateArray());
        isAway = false;

        Assert.Equal(2, (await PlayWorld.Scored(client, id)).GetProperty("judged").EnumerateArray().Select(static bill => PlayWorld.Text(bill, "run_id")).Distinct().Count());
        Assert.Equal((2, await world.Truth()), (world.Calls("judge"), await world.Models.SpentInTheEnd(session)));
    }

    [Fact]
    public async Task Where_as_many_were_paid_as_may_be_and_the_last_was_not_told_who_asks_is_told_of_all()
    {
        var told = new HashSet<Guid>();
        await using var world = await PlayWorld.Start(static _ => PlayWorld.Cut, edge: inner => new HeldEntities(inner) { Until = command => command is ChatCommand.Judge judge && told.Add(judge.RunId) ? Task.FromException(new OperatingException(new(FailureKind.Unavailable))) : null });
        var (_, client, id) = await Said(world);
        for (var n = 0; n < ScenarioLimits.Judgements; n++) Assert.Equal(503, (await PlayWorld.Score(client, id)).Status);

        var (status, json) = await PlayWorld.Score(client, id);

        Assert.Equal((403, ScenarioLimits.Judgements), (status, json.GetProperty("error").GetProperty("details").GetProperty("run_ids").GetArrayLength()));
    }

    /// <summary>Its session had given the call up, and posted what was held: then the judge was heard, and had failed.</summary>
    [Fact]
    public async Task A_call_of_the_judge_that_its_session_has_posted_by_itself_counts_and_is_named()
    {
        (ModelSession? Session, bool IsJudging) at = default;
        await using var world = await PlayWorld.Start(static _ => PlayWorld.Cut, edge: inner => new HeldEntities(inner)
        {
            Until = command => at is { IsJudging: true, Session: { } asking } && command is RunCommand.EndCall { End.Standing: not CallStanding.Unsent } end
                ? inner.In(Tenant.Default).Session(asking.Id).Send(new RunCommand.EndCall(end.RunId, end.Caller, ModelCallEnd.Lost), new(Guid.CreateVersion7())) : null,
        });
        var (session, client, id) = await Said(world);
        at = (session, true);

        var (status, json) = await PlayWorld.Score(client, id);

        Assert.Equal((502, 1), (status, world.Calls("judge")));
        var run = Assert.Single(json.GetProperty("error").GetProperty("details").GetProperty("run_ids").EnumerateArray()).GetString();
        Assert.Equal(run, PlayWorld.Text(Assert.Single((await PlayWorld.Get(client, id)).GetProperty("judged").EnumerateArray()), "run_id"));
    }

    /// <summary>As many as a play may have, and none of them said what came of it.</summary>
    [Fact]
    public async Task Calls_of_the_judge_that_nobody_told_of_keep_no_play_from_being_scored()
    {
        var isAway = true;
        await using var world = await PlayWorld.Start(edge: inner => new HeldEntities(inner) { Until = command => isAway && command is ChatCommand.FailJudge ? Task.FromException(new OperatingException(new(FailureKind.Unavailable))) : null });
        var (session, client, id) = await Said(world);
        var script = world.Models.Upstream.Script;
        world.Models.Upstream.Script = script with { Faults = [FaultRule.Always(new Fault.Status(400))] };

        for (var n = 0; n < ScenarioLimits.Judgements; n++) Assert.Equal(503, (await PlayWorld.Score(client, id)).Status);
        (isAway, world.Models.Upstream.Script) = (false, script);

        Assert.Equal("scored", PlayWorld.Text(await PlayWorld.Scored(client, id), "state"));
        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));
    }

    /// <summary>Of what a partner says at length its beginning is read, and a play can be hinted and scored however long it talks.</summary>
    [Fact]
    public async Task A_partner_who_talks_on_and_on_is_read_as_far_as_the_person_may_talk()
    {
        var said = string.Concat(Enumerable.Repeat("納期が遅れています。", 4_000));
        await using var world = await PlayWorld.Start(more: script => script with { Choose = asked => asked.Model == "partner" ? new Reply { Text = said } : script.Choose!(asked), Delivery = new() { ChunkCharacters = 2_000 } });
        await world.Models.PutModel("partner", "openai", most: 100_000, usual: 100_000, maxPriceCents: "1000000");
        var (_, client, id) = await Said(world, "1000000");
        Assert.Equal(said, (await PlayWorld.Say(client, id, new string('x', ScenarioLimits.SaidLength))).Text);

        Assert.Equal(200, (await PlayWorld.Hint(client, id)).Status);
        Assert.Equal("scored", PlayWorld.Text(await PlayWorld.Scored(client, id), "state"));

        foreach (var model in (string[])["coach", "judge"])
        {
            var read = JsonDocument.Parse(PlayWorld.Told(world.Asked.Single(one => one.Model == model).Body).Others).RootElement.GetProperty("turns");
            Assert.Equal(new string('x', ScenarioLimits.SaidLength), PlayWorld.Text(read[1], "person"));
            Assert.All(read.EnumerateArray(), turn => Assert.Equal(said[..(ScenarioLimits.SaidLength - 1)] + "…", PlayWorld.Text(turn, "partner")));
        }
    }

    [Fact]
    public async Task A_judge_whose_model_writes_less_than_is_wanted_is_asked_for_as_much_as_it_writes()
    {
        await using var world = await PlayWorld.Start();
        await world.Models.PutModel("judge", "openai", most: 1_024);
        var (_, client, id) = await Said(world);

        Assert.Equal("scored", PlayWorld.Text(await PlayWorld.Scored(client, id), "state"));
        Assert.Contains("\"max_output_tokens\":1024", world.Asked.Single(static one => one.Model == "judge").Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_is_not_there_is_named_when_a_play_would_begin()
    {
        await using var world = await PlayWorld.Start();
        await world.Put(PlayWorld.Scenario().Replace("\"judge\":\"judge\"", "\"judge\":\"nobody\"", StringComparison.Ordinal));
        var (_, client) = await world.Open();

        var (status, json) = await client.Send(HttpMethod.Post, $"{PlayWorld.Path}/plays", """{"scenario_id":"late"}""");

        Assert.Equal((404, "nobody"), (status, PlayWorld.Text(json.GetProperty("error").GetProperty("details"), "model")));
    }

    /// <summary>The coach reads the newest, as many as fit; the judge reads all.</summary>
    [Fact]
    public async Task The_coach_reads_the_newest_turns_and_the_judge_all_of_them()
    {
        await using var world = await PlayWorld.Start(more: static script => script with { Delivery = new() { ChunkCharacters = 4_000 }, Choose = asked => asked.Model == "partner" ? new Reply { Text = new string('y', ScenarioLimits.SaidLength) } : script.Choose!(asked) });
        foreach (var model in (string[])["partner", "coach", "judge"]) await world.Models.PutModel(model, "openai", usual: 4_096, maxPriceCents: "1000000");
        await world.Put(PlayWorld.Scenario(turns: 60));
        var (_, client) = await world.Open(budgetCents: "1000000");
        var id = PlayWorld.IdOf(await PlayWorld.Begin(client));
        const int Turns = (ScenarioLimits.WindowLength / (2 * ScenarioLimits.SaidLength)) + 2;
        for (var n = 0; n < Turns; n++) await PlayWorld.Say(client, id, new string('x', ScenarioLimits.SaidLength));

        Assert.Equal(200, (await PlayWorld.Hint(client, id)).Status);
        Assert.Equal("scored", PlayWorld.Text(await PlayWorld.Scored(client, id), "state"));

        Assert.Equal(Enumerable.Range(3, Turns - 2), TurnsOf("coach"));
        Assert.Equal(Enumerable.Range(1, Turns), TurnsOf("judge"));

        IEnumerable<int> TurnsOf(string model) =>
            JsonDocument.Parse(PlayWorld.Told(world.Asked.Single(one => one.Model == model).Body).Others).RootElement.GetProperty("turns").EnumerateArray().Select(static turn => turn.GetProperty("turn").GetInt32());
    }

    [Fact]
    public async Task A_play_in_which_nothing_was_said_is_not_scored_and_stays_open()
    {
        await using var world = await PlayWorld.Start();
        await world.Put(PlayWorld.Scenario());
        var (_, client) = await world.Open();
        var id = PlayWorld.IdOf(await PlayWorld.Begin(client));

        Assert.Equal("not_eligible", PlayWorld.Code((await PlayWorld.Score(client, id)).Json));
        Assert.Equal("open", PlayWorld.Text(await PlayWorld.Get(client, id), "state"));
    }

    [Fact]
    public async Task The_same_key_at_once_is_one_score_with_one_bill()
    {
        await using var world = await PlayWorld.Start();
        var (session, client, id) = await Said(world);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PlayWorld.Score(client, id, "key")));

        Assert.All(answers, answer => Assert.True(answer.Status == 200 || PlayWorld.Code(answer.Json) is "idempotency_in_flight" or "idempotency_conflict", answer.Json.GetRawText()));
        Assert.Contains(answers, answer => answer.Status == 200);
        Assert.Equal(1, world.Calls("judge"));
        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));
    }

    private static async Task<(ModelSession Session, Chats.ChatClient Client, string Id)> Said(PlayWorld world, string budgetCents = "1000")
    {
        await world.Put(PlayWorld.Scenario());
        var (session, client) = await world.Open(budgetCents: budgetCents);
        var id = PlayWorld.IdOf(await PlayWorld.Begin(client));
        await PlayWorld.Say(client, id, "It fails.");
        return (session, client, id);
    }
}
