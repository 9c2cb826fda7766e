using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Journal;

namespace Agora.Api.Tests.Conversations;

/// <summary>Agents with keys of their own, and what they say.</summary>
internal sealed class Talk(RunningApi api) : IAsyncDisposable
{
    private readonly Dictionary<string, string> _keys = [];
    private readonly Dictionary<string, string> _read = [];

    public RunningApi Api => api;

    public static Task<Talk> Among(params string[] agents) => Among(null, agents);

    /// <summary>With services that are really called, and agents that are asked.</summary>
    public static async Task<Talk> Calling(params string[] agents) => await On(await RunningApi.Start(commands: []), agents);

    public static async Task<Talk> Among(IJournal? store, params string[] agents) => await On(await RunningApi.Start(store: store), agents);

    public static Task<Talk> Of(RunningApi api, params string[] agents) => On(api, agents);

    private static async Task<Talk> On(RunningApi api, string[] agents)
    {
        var talk = new Talk(api);
        foreach (var agent in agents)
        {
            await api_Put(talk, agent);
        }

        return talk;

        static async Task api_Put(Talk talk, string agent)
        {
            await talk.Api.Client.PutAgents(agent);
            talk._keys[agent] = (await talk.Api.Client.Admin(HttpMethod.Post, $"/admin/agents/{agent}/keys", "{}")).Expect(201).Data.GetProperty("key").GetString()!;
        }
    }

    /// <summary>A cursor of the same tenant's, of a journal that has more rows than others.</summary>
    public static async Task<string> CursorAhead()
    {
        await using var other = await Among("a", "b");
        var id = await other.Open("a", ["b"]);
        for (var n = 0; n < 50; n++) await other.Say("a", id, $"{n}");
        return (await other.Told("b", 51)).Next;
    }

    /// <summary>What an agent is asked or told next, behind what this told of it before.</summary>
    public async Task<JsonElement> NextMessage(string agent)
    {
        while (true)
        {
            string? after;
            lock (_read) after = _read.GetValueOrDefault(agent);
            var page = (await Get(agent, $"/agent/inbox?limit=1&wait_seconds=20{(after is null ? "" : $"&after={after}")}")).Expect(200).Data;
            lock (_read) _read[agent] = page.GetProperty("next_cursor").GetString()!;
            var entries = page.GetProperty("entries");
            Assert.True(entries.GetArrayLength() > 0, $"{agent} is asked nothing");
            if (entries[0].GetProperty("kind").ValueEquals("message")) return entries[0];
        }
    }

    public async Task<decimal> Balance(string wallet) =>
        await api.Client.Admin(HttpMethod.Get, $"/admin/wallets/{wallet}") is { Status: 200 } found ? found.Data.GetProperty("balance_cents").GetDecimal() : 0;

    public async Task<decimal> Eventually(string wallet, decimal wanted)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var late = new CancellationTokenSource(Hang.Timeout);
        for (var seen = await Balance(wallet); ; seen = await Balance(wallet))
        {
            if (seen == wanted) return seen;
            await timer.WaitForNextTickAsync(late.Token);
        }
    }

    public string Key(string agent) => _keys[agent];

    public Task<Received> Post(string agent, string path, string body = "{}", params (string, string)[] headers) => api.Client.Post(path, _keys[agent], body, headers);

    public Task<Received> Get(string agent, string path) => api.Client.Get(path, _keys[agent]);

    public Task<Received> Delete(string agent, string path) => api.Client.Send(HttpMethod.Delete, path, _keys[agent]);

    /// <summary>A conversation in which all of them speak.</summary>
    public async Task<string> Open(string owner, string[] others, string more = "")
    {
        var id = (await Post(owner, "/conversations", $$"""{"participants":{{JsonSerializer.Serialize(others)}}{{more}}}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!;
        foreach (var other in others)
        {
            (await Post(other, $"/conversations/{id}/join")).Expect(200);
        }

        return id;
    }

    public async Task<long> Say(string agent, string id, string words, string? messageId = null) => (await Post(
        agent, $"/conversations/{id}/messages", messageId is null ? $$"""{"content":"{{words}}"}""" : $$"""{"content":"{{words}}","message_id":"{{messageId}}"}""")).Expect(201).Data.GetProperty("number").GetInt64();

    /// <summary>What an inbox tells behind a cursor, as short words, and its next cursor.</summary>
    public async Task<(IReadOnlyList<string> Told, string Next)> Inbox(string agent, string? after = null, int limit = 100, int wait = 0)
    {
        var data = (await Get(agent, $"/agent/inbox?limit={limit}&wait_seconds={wait}{(after is null ? "" : $"&after={after}")}")).Expect(200).Data;
        return ([.. data.GetProperty("entries").EnumerateArray().Select(Short)], data.GetProperty("next_cursor").GetString()!);
    }

    /// <summary>The same until so much was told: what was said is told within milliseconds, not before its answer.</summary>
    public async Task<(IReadOnlyList<string> Told, string Next)> Told(string agent, int count, string? after = null, int limit = 100)
    {
        var (all, next) = (new List<string>(), after);
        while (all.Count < count)
        {
            var (some, behind) = await Inbox(agent, next, limit, wait: 20);
            Assert.NotEmpty(some);
            all.AddRange(some);
            next = behind;
        }

        return (all, next!);
    }

    public static string Short(JsonElement entry) => entry.GetProperty("kind").GetString() is "message"
        ? $"{entry.GetProperty("agent_id").GetString()}:{entry.GetProperty("content")}"
        : $"{entry.GetProperty("agent_id").GetString()} {entry.GetProperty("kind").GetString()}";

    public ValueTask DisposeAsync() => api.DisposeAsync();
}
