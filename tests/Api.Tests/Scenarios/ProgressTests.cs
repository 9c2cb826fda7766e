using System.Text.Json;
using Agora.Api.Tests.Chats;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;
using Agora.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Scenarios;

/// <summary>What was reached of each criterion, over time and over scenarios: whose it is alone, as numbers for a chart.</summary>
public sealed class ProgressTests
{
    [Fact]
    public async Task Scores_are_points_over_time_with_the_means_of_the_first_and_the_last_five()
    {
        int[] facts = [0, 0, 1, 1, 2, 4, 4];
        await using var world = await PlayWorld.Start(n => PlayWorld.Judged(facts[n % facts.Length], 1));
        await world.Put(PlayWorld.Scenario());
        await world.Put(PlayWorld.Scenario().Replace("\"tone\"", "\"pace\"", StringComparison.Ordinal).Replace("\"title\":\"Facts first\"", "\"title\":\"Only facts\"", StringComparison.Ordinal), "other");
        var (_, client) = await world.Open();
        var plays = new List<string>();
        for (var i = 0; i < facts.Length; i++) plays.Add(await Played(client, "late"));

        var lines = (await client.Data(HttpMethod.Get, $"{PlayWorld.Path}/progress")).GetProperty("lines");
        var line = lines[0];
        Assert.Equal(("facts", "Facts first", 7), (PlayWorld.Text(line, "criterion_id"), PlayWorld.Text(line, "title"), line.GetProperty("plays").GetInt32()));
        Assert.Equal(plays.Zip([0, 0, 25, 25, 50, 100, 100]), line.GetProperty("points").EnumerateArray().Select(point => (PlayWorld.Text(point, "play_id")!, point.GetProperty("percent").GetInt32())));

        // (0 + 0 + 25 + 25 + 50) ÷ 5, and (25 + 25 + 50 + 100 + 100) ÷ 5.
        Assert.Equal((20, 60), (line.GetProperty("first_percent").GetInt32(), line.GetProperty("last_percent").GetInt32()));
        var progress = await client.Data(HttpMethod.Get, $"{PlayWorld.Path}/progress");
        Assert.Empty(PlayWorld.Texts(progress, "strengths"));
        Assert.Equal(["tone"], PlayWorld.Texts(progress, "weaknesses"));
    }

    [Fact]
    public async Task Of_one_scenario_alone_of_a_deleted_play_and_of_anothers_nothing_else_is_told()
    {
        await using var world = await PlayWorld.Start(_ => PlayWorld.Judged(4, 1));
        await world.Put(PlayWorld.Scenario());
        await world.Put(PlayWorld.Scenario().Replace("Facts first", "Only facts", StringComparison.Ordinal), "other");
        var (_, client) = await world.Open();
        var (first, second) = (await Played(client, "late"), await Played(client, "other"));

        Assert.Equal([first, second], Points(await client.Data(HttpMethod.Get, $"{PlayWorld.Path}/progress")));
        Assert.Equal("Only facts", PlayWorld.Text((await client.Data(HttpMethod.Get, $"{PlayWorld.Path}/progress")).GetProperty("lines")[0], "title"));
        Assert.Equal([first], Points(await client.Data(HttpMethod.Get, $"{PlayWorld.Path}/progress?scenario_id=late")));
        Assert.Empty((await client.Data(HttpMethod.Get, $"{PlayWorld.Path}/progress?scenario_id=none")).GetProperty("lines").EnumerateArray());
        Assert.Equal(["facts"], PlayWorld.Texts(await client.Data(HttpMethod.Get, $"{PlayWorld.Path}/progress"), "strengths"));
        foreach (var stranger in (ChatClient[])[(await world.Open("bob")).Client, (await world.Open(agent: "agent-2")).Client])
        {
            Assert.Empty((await stranger.Data(HttpMethod.Get, $"{PlayWorld.Path}/progress")).GetProperty("lines").EnumerateArray());
        }

        await client.Data(HttpMethod.Delete, $"{ChatClient.Path}/{first}");
        Assert.Equal([second], Points(await client.Data(HttpMethod.Get, $"{PlayWorld.Path}/progress")));
        Assert.Equal([second], (await client.Data(HttpMethod.Get, $"{PlayWorld.Path}/plays")).GetProperty("plays").EnumerateArray().Select(play => PlayWorld.Text(play, "play_id")));
    }

    [Fact]
    public async Task The_newest_scores_are_looked_at_however_many_there_are_and_the_oldest_of_too_many_are_not()
    {
        const int Criteria = 10;
        const int Plays = ScenarioLimits.Scores / Criteria;
        await using var world = await PlayWorld.Start();
        var (_, client) = await world.Open();
        var plays = Enumerable.Range(0, Plays + 1).Select(static _ => Guid.CreateVersion7()).ToList();
        for (var i = 0; i < plays.Count; i++)
        {
            var (chat, score) = (world.Models.Api.Services.GetRequiredService<IEntities>().In(Tenant.Default).Chat(OwnedIds.Of(plays[i], "ann")), i == 0 ? 10 : i / 20);
            foreach (var command in (ChatCommand[])[new ChatCommand.BeginPlay("agent-1", new("late", 1, 8, 2), Personal.Of("x")), new ChatCommand.Score("agent-1", plays[i], [.. Enumerable.Range(0, Criteria).Select(c => new CriterionScore($"c{c}", score, 10, 1))], Personal.Of("x"))])
            {
                Assert.Null((await chat.Send(command, new(Guid.CreateVersion7()), CancellationToken.None)).Rejection);
            }
        }

        var lines = (await client.Data(HttpMethod.Get, $"{PlayWorld.Path}/progress")).GetProperty("lines").EnumerateArray().ToList();
        Assert.Equal(Criteria, lines.Count);

        // The first play, of 100 percent, is not among the first five; those that are reached 0, and the last five 40, but for the last of all, of 50.
        Assert.All(lines, line => Assert.Equal((Plays, 0, 42), (line.GetProperty("plays").GetInt32(), line.GetProperty("first_percent").GetInt32(), line.GetProperty("last_percent").GetInt32())));
        Assert.All(lines, line => Assert.Equal(plays.TakeLast(Limits.ActivityPoints).Select(static play => play.ToString("D")), line.GetProperty("points").EnumerateArray().Select(static point => PlayWorld.Text(point, "play_id"))));
    }

    private static IEnumerable<string?> Points(JsonElement progress) => progress.GetProperty("lines")[0].GetProperty("points").EnumerateArray().Select(static point => PlayWorld.Text(point, "play_id"));

    private static async Task<string> Played(ChatClient client, string scenario)
    {
        var id = PlayWorld.IdOf(await PlayWorld.Begin(client, $$"""{"scenario_id":"{{scenario}}"}"""));
        await PlayWorld.Say(client, id, "It fails.");
        await PlayWorld.Scored(client, id);
        return id;
    }
}
