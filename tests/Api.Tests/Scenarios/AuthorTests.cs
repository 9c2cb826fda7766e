using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Scenarios;

/// <summary>What an author does: versions, drafts that are tried, samples, and what is refused.</summary>
public sealed class AuthorTests
{
    [Fact]
    public async Task Versions_are_kept_and_of_two_edits_of_the_same_one_is_carried_out()
    {
        await using var world = await PlayWorld.Start();
        var put = await world.Admin(HttpMethod.Put, "/admin/scenarios/late", PlayWorld.Scenario());
        var tag = put.Expect(200).Headers.ETag!.Tag;
        Assert.Equal(1, (await world.Put(PlayWorld.Scenario())).GetProperty("version").GetInt32());

        var first = await world.Models.Api.Client.Send(HttpMethod.Put, "/admin/scenarios/late", RunningApi.AdminKey, PlayWorld.Scenario(title: "Mine"), headers: ("If-Match", tag));
        Assert.Equal(2, first.Expect(200).Data.GetProperty("version").GetInt32());
        var second = await world.Models.Api.Client.Send(HttpMethod.Put, "/admin/scenarios/late", RunningApi.AdminKey, PlayWorld.Scenario(title: "Yours"), headers: ("If-Match", tag));
        Assert.Equal((412, "precondition_failed"), (second.Status, second.Code));

        var now = (await world.Admin(HttpMethod.Get, "/admin/scenarios/late")).Expect(200).Data;
        Assert.Equal(("Mine", "Busy and fair."), (PlayWorld.Text(now, "title"), PlayWorld.Text(now.GetProperty("partner"), "persona")));
        Assert.Equal([(2, "Mine"), (1, "A delay")], now.GetProperty("versions").EnumerateArray().Select(v => (v.GetProperty("version").GetInt32(), PlayWorld.Text(v, "title")!)));
        Assert.Equal("A delay", PlayWorld.Text((await world.Admin(HttpMethod.Get, "/admin/scenarios/late/versions/1")).Expect(200).Data, "title"));
        foreach (var none in (string[])["late/versions/3", "late/versions/0", "late/versions/x", "none/versions/1", "none"]) Assert.Equal(404, (await world.Admin(HttpMethod.Get, $"/admin/scenarios/{none}")).Status);
        Assert.Equal(404, (await world.Admin(HttpMethod.Delete, "/admin/scenarios/none")).Status);
        Assert.Equal("late", PlayWorld.Text(Assert.Single((await world.Admin(HttpMethod.Get, "/admin/scenarios")).Expect(200).Data.GetProperty("scenarios").EnumerateArray()), "scenario_id"));
    }

    [Fact]
    public async Task A_draft_is_played_hinted_scored_and_paid_like_any_other_and_counts_in_no_progress()
    {
        await using var world = await PlayWorld.Start();
        var (session, client) = await world.Open();
        var play = await PlayWorld.Begin(client, $$"""{"scenario":{{PlayWorld.Scenario()}}}""");
        var id = PlayWorld.IdOf(play);
        Assert.Equal((true, JsonValueKind.Null), (play.GetProperty("dry_run").GetBoolean(), play.GetProperty("scenario").GetProperty("scenario_id").ValueKind));
        await PlayWorld.Say(client, id, "It fails.");
        Assert.Equal(200, (await PlayWorld.Hint(client, id)).Status);
        Assert.Equal(63, (await PlayWorld.Scored(client, id)).GetProperty("score").GetProperty("percent").GetInt32());

        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));
        Assert.Empty((await client.Data(HttpMethod.Get, $"{PlayWorld.Path}/progress")).GetProperty("lines").EnumerateArray());
        Assert.Empty((await client.Data(HttpMethod.Get, PlayWorld.Path)).GetProperty("scenarios").EnumerateArray());
        var listed = Assert.Single((await client.Data(HttpMethod.Get, $"{PlayWorld.Path}/plays")).GetProperty("plays").EnumerateArray());
        Assert.Equal((true, "A delay"), (listed.GetProperty("dry_run").GetBoolean(), PlayWorld.Text(listed, "title")));
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "ends", "/ends" },
        { "ends.turns", "/ends/turns" },
        { "ends.turns=0", "/ends/turns" },
        { "ends.turns=201", "/ends/turns" },
        { "ends.phrase=\"\"", "/ends/phrase" },
        { "title", "/title" },
        { "title=\"\"", "/title" },
        { "language=\"日本語\"", "/language" },
        { "language=\"en_GB\"", "/language" },
        { "situation=\" \"", "/situation" },
        { "learner.role", "/learner/role" },
        { "partner.persona=\"\\u0000\"", "/partner/persona" },
        { "goals=[\" \"]", "/goals/0" },
        { "rubric.criteria=[]", "/rubric/criteria" },
        { "rubric", "/rubric" },
        { "rubric.criteria.0.weight=0", "/rubric/criteria/0/weight" },
        { "rubric.criteria.0.weight=101", "/rubric/criteria/0/weight" },
        { "rubric.criteria.0.levels=1", "/rubric/criteria/0/levels" },
        { "rubric.criteria.0.levels=11", "/rubric/criteria/0/levels" },
        { "rubric.criteria.1.id=\"facts\"", "/rubric/criteria" },
        { "hints.most=0", "/hints/most" },
        { "hints.most=51", "/hints/most" },
        { "hints.allowed", "/hints/allowed" },
        { "models.partner", "/models/partner" },
        { "mood=1", "/mood" },
        { "ends.mood=1", "/ends/mood" },
        { "rubric.criteria.0.mood=1", "/rubric/criteria/0/mood" },
    };

    /// <summary>Of what is wrong the path is named, put or tried.</summary>
    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_no_scenario_is_refused_with_its_member_named(string change, string path)
    {
        await using var world = await PlayWorld.Start();
        var (_, client) = await world.Open();
        var body = Changed(change);

        var put = await world.Admin(HttpMethod.Put, "/admin/scenarios/late", body);
        Assert.True(put.Code == "validation_failed", put.Json.ToString());
        Assert.Contains(put.Error.GetProperty("details").EnumerateArray(), detail => PlayWorld.Text(detail, "path") == path);
        var (status, tried) = await client.Send(HttpMethod.Post, $"{PlayWorld.Path}/plays", $$"""{"scenario":{{body}}}""");
        Assert.Equal((422, "validation_failed"), (status, PlayWorld.Code(tried)));
        Assert.Contains(tried.GetProperty("error").GetProperty("details").EnumerateArray(), detail => PlayWorld.Text(detail, "path") == $"/scenario{path}");
        Assert.Equal(404, (await world.Admin(HttpMethod.Get, "/admin/scenarios/late")).Status);
    }

    [Theory]
    [InlineData("{}", 422)]
    [InlineData("""{"scenario_id":"late","scenario":{}}""", 422)]
    [InlineData("""{"scenario_id":"late","version":0}""", 422)]
    [InlineData("""{"scenario_id":"late","version":1001}""", 422)]
    [InlineData("""{"scenario_id":"none"}""", 404)]
    [InlineData("""{"scenario_id":"late","instructions":"Be kind."}""", 422)]
    public async Task What_names_no_one_thing_to_play_is_refused(string body, int status)
    {
        await using var world = await PlayWorld.Start();
        await world.Put(PlayWorld.Scenario());
        var (_, client) = await world.Open();

        await client.Refused(status, HttpMethod.Post, $"{PlayWorld.Path}/plays", body);
    }

    [Fact]
    public async Task A_scenario_whose_model_is_not_there_is_not_begun()
    {
        await using var world = await PlayWorld.Start();
        await world.Put(PlayWorld.Scenario().Replace("\"judge\":\"judge\"", "\"judge\":\"nobody\"", StringComparison.Ordinal));
        var (_, client) = await world.Open();

        Assert.Equal("not_found", await client.Refused(404, HttpMethod.Post, $"{PlayWorld.Path}/plays", """{"scenario_id":"late"}"""));
    }

    [Fact]
    public async Task Each_sample_is_put_and_played()
    {
        await using var world = await PlayWorld.Start();
        var (_, client) = await world.Open();
        var samples = (await world.Admin(HttpMethod.Get, "/admin/scenarios/samples")).Expect(200).Data.GetProperty("samples").EnumerateArray().ToList();
        Assert.Equal(["first-line-support-en", "first-line-support-ja", "refusing-en", "refusing-ja", "reporting-en", "reporting-ja"], samples.Select(sample => PlayWorld.Text(sample, "sample_id")));

        foreach (var sample in samples)
        {
            var (name, scenario) = (PlayWorld.Text(sample, "sample_id")!, sample.GetProperty("scenario"));
            Assert.EndsWith(PlayWorld.Text(scenario, "language")!, name, StringComparison.Ordinal);
            var body = JsonNode.Parse(scenario.GetRawText())!;
            body["models"] = new JsonObject { ["partner"] = "partner" };
            await world.Put(body.ToJsonString(), name);
            var id = PlayWorld.IdOf(await PlayWorld.Begin(client, $$"""{"scenario_id":"{{name}}"}"""));
            Assert.Equal("whole", (await PlayWorld.Say(client, id, "One moment, please.")).End);
            Assert.Contains(PlayWorld.Text(scenario.GetProperty("partner"), "opening")!, PlayWorld.Told(world.Asked.Last().Body).Others, StringComparison.Ordinal);
        }

        // What is named as the samples are would be found by nobody.
        Assert.Equal(422, (await world.Admin(HttpMethod.Put, "/admin/scenarios/samples", PlayWorld.Scenario())).Status);
    }

    /// <param name="change">A path with dots, which is taken away, or set by =.</param>
    private static string Changed(string change)
    {
        var (path, value) = change.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? (change[..at], JsonNode.Parse(change[(at + 1)..])) : (change, null);
        var (root, names) = (JsonNode.Parse(PlayWorld.Scenario())!, path.Split('.'));
        var into = names[..^1].Aggregate(root, static (node, name) => int.TryParse(name, out var index) ? node[index]! : node[name]!);
        if (value is null)
        {
            into.AsObject().Remove(names[^1]);
        }
        else
        {
            into[names[^1]] = value;
        }

        return root.ToJsonString();
    }
}
