using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Agora.Cli.MovingIn.Old;
using Xunit.Abstractions;

namespace Agora.Api.Tests.Chats.Moves;

/// <summary>Ten thousand sessions come while the old side goes on being written, and go back.</summary>
public sealed class LongMoveTests(ITestOutputHelper output)
{
    private const int Sessions = 10_000;
    private const int Users = 2_500;
    private const int Writers = 2;
    private const int Spoken = 100;

    private readonly ConcurrentDictionary<int, List<(string, string)>> _said = new();

    [LongRedisFact]
    public async Task Ten_thousand_sessions_move_under_traffic_and_back_and_each_is_as_it_would_have_been()
    {
        await using var moving = await MovingIn.Start();
        for (var i = 0; i < Sessions; i++)
        {
            (string, string)[] messages = [.. Enumerable.Range(0, 1 + (i % 5)).SelectMany(turn => new[] { ("user", $"question {turn} of {i}"), ("assistant", $"answer {turn}") })];
            _said[i] = [.. messages];
            await moving.Redis.Put(Id(i), MovingIn.Session(FormatOf(i), $"user-{i % Users}", messages), 100_000);
        }

        using var stop = new CancellationTokenSource();
        var traffic = Enumerable.Range(0, Writers).Select(writer => Writes(moving, writer, stop.Token)).ToList();
        var first = await Timed(moving, "import");
        var second = await Timed(moving, "import");
        Assert.Equal((Sessions, 0), (first["imported"], first["refused"] + second["refused"]));
        await stop.CancelAsync();
        var appended = (await Task.WhenAll(traffic)).Sum();
        Assert.True(second["turns added"] > 0 && appended > Sessions / 100, $"{appended} were appended, {second["turns added"]} came later");
        output.WriteLine($"appended meanwhile: {appended}, of which {second["turns added"]} came with the second import");

        await Timed(moving, "import");
        Assert.Equal(Sessions, (await Timed(moving, "compare"))["equal"]);
        var switched = await Timed(moving, "switch", "--all");
        Assert.Equal((Users, Sessions), (switched["users switched"], switched["equal"]));

        for (var i = 0; i < Spoken; i++)
        {
            using var chats = await moving.Chats($"user-{i}");
            var chat = (await chats.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats")[0];
            var told = await chats.Say($$"""{"chat_id":"{{chat.GetProperty("chat_id").GetString()}}","text":"said here {{i}}"}""");
            var of = int.Parse(chat.GetProperty("title").GetString()!.Split(' ')[^1], CultureInfo.InvariantCulture);
            _said[of].AddRange([("user", $"said here {i}"), ("assistant", told.Text)]);
        }

        var back = await Timed(moving, "back", "--all");
        Assert.Equal((Users, Spoken, 0), (back["users back"], back["turns written back"], back["not back"]));
        Assert.Equal(Sessions, (await Timed(moving, "compare"))["equal"]);
        for (var i = 0; i < Sessions; i++) Assert.Equal(_said[i], await moving.Messages(Id(i), FormatOf(i)));
    }

    private async Task<Said> Timed(MovingIn moving, string command, params string[] more)
    {
        var took = Stopwatch.StartNew();
        var said = (await moving.Say(command, more)).Done();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{command}: {took.Elapsed.TotalSeconds:0.0} s, {Sessions / took.Elapsed.TotalSeconds:0} sessions a second"));
        return said;
    }

    /// <summary>The older chat's processes: each has sessions of its own, as a browser has one request at a time.</summary>
    private async Task<int> Writes(MovingIn moving, int writer, CancellationToken stop)
    {
        var (random, count) = (new Random(writer), 0);
        while (!stop.IsCancellationRequested)
        {
            var i = (random.Next(Sessions / Writers) * Writers) + writer;
            (string, string)[] more = [("user", $"more {count} of {i}"), ("assistant", "yes")];
            await moving.Appends(Id(i), FormatOf(i), more);
            _said[i].AddRange(more);
            count++;
            await Task.Delay(TimeSpan.FromMilliseconds(2), CancellationToken.None);
        }

        return count;
    }

    private static string Id(int i) => $"session-{i}";

    private static OldFormat FormatOf(int i) => (OldFormat)(1 + (i % 3));
}
