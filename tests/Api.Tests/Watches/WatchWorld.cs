using System.Text.Json;
using Agora.Api.Tests.Chats;
using Agora.Api.Tests.Models;
using Agora.Contracts;
using Agora.Journal;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Watches;

/// <summary>The API with two models that talk with each other.</summary>
internal sealed class WatchWorld : IAsyncDisposable
{
    public const string Path = "/api/v2/watch";

    private readonly List<ChatClient> _clients = [];

    private WatchWorld(ModelWorld models) => Models = models;

    public ModelWorld Models { get; }

    /// <param name="time">Of calls to providers only.</param>
    /// <param name="ownTime">Of all else.</param>
    /// <param name="edge">What stands before the entities.</param>
    public static async Task<WatchWorld> Start(Script? script = null, IJournal? store = null, bool isNew = true, Uri? url = null, TimeProvider? time = null, TimeProvider? ownTime = null, Func<IEntities, IEntities>? edge = null)
    {
        var models = await ModelWorld.Start(script, time, store: store, url: url, edge: edge, ownTime: ownTime);
        if (isNew)
        {
            await models.PutModel("ann", "openai");
            await models.PutModel("bob", "anthropic");
        }

        return new(models);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        await Models.DisposeAsync();
    }

    public async Task<(ModelSession Session, ChatClient Client)> Open(string user = "ann", string budgetCents = "1000", string agent = "agent-1")
    {
        var session = await Models.Open(budgetCents, user, agent);
        _clients.Add(new(Models, session));
        return (session, _clients[^1]);
    }

    public static string Plan(int turns = 4, string budget = "100", string more = "", string first = "ann") => $$"""
        {"topic":"Tea or coffee?","seats":[{"name":"Ann","model":"{{first}}","role":"You love tea.","budget_cents":{{budget}}},{"name":"Bob","model":"bob","role":"You love coffee.","budget_cents":{{budget}}}],"turns":{{turns}}{{more}}}
        """;

    public static async Task<string> Begin(ChatClient client, string plan) => (await client.Data(HttpMethod.Post, Path, plan)).GetProperty("watch_id").GetString()!;

    public static Task<JsonElement> Get(ChatClient client, string id) => client.Data(HttpMethod.Get, $"{Path}/{id}");

    /// <summary>All of it is paid, as the provider counts it.</summary>
    public async Task<long> Truth()
    {
        await Models.Upstream.Idle();
        return Models.Upstream.Truths.Sum(truth => ModelWorld.Cost(truth.Counts));
    }

    /// <summary>As soon as it stands so: the dialogue is told so by its events.</summary>
    public static async Task<JsonElement> Until(ChatClient client, string id, Func<JsonElement, bool> stands, TimeSpan? within = null)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var late = new CancellationTokenSource(within ?? Hang.Timeout);
        for (var watch = await Get(client, id); ; watch = await Get(client, id))
        {
            if (stands(watch)) return watch;

            try
            {
                await timer.WaitForNextTickAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                throw new InvalidOperationException($"It stands so: {watch.GetRawText()}");
            }
        }
    }

    public static Task<JsonElement> Until(ChatClient client, string id, string state, TimeSpan? within = null) => Until(client, id, watch => Text(watch, "state") == state, within);

    /// <summary>In the dialogue as it stands now.</summary>
    public static async Task<(int Status, JsonElement Json)> Intervene(ChatClient client, string id, string what, string? key = null, JsonElement? seen = null)
    {
        var saw = seen ?? (await Get(client, id)).GetProperty("seen");
        return await client.Send(HttpMethod.Post, $"{Path}/{id}/interventions", $$"""{{{what}},"seen":{{saw.GetRawText()}}}""", key ?? Guid.NewGuid().ToString("N"));
    }

    public static async Task<JsonElement> Done(ChatClient client, string id, string what, string? key = null, JsonElement? seen = null)
    {
        var (status, json) = await Intervene(client, id, what, key, seen);
        Assert.True(status == 200, json.GetRawText());
        return json.GetProperty("data");
    }

    public static string? Text(JsonElement data, string name) => data.GetProperty(name).GetString();

    public static IReadOnlyList<JsonElement> Turns(JsonElement watch) => [.. watch.GetProperty("turns").EnumerateArray()];

    public static IReadOnlyList<JsonElement> Seats(JsonElement watch) => [.. watch.GetProperty("plan").GetProperty("seats").EnumerateArray()];

    public static long Cost(JsonElement watch) => Turns(watch).Sum(turn => ModelWorld.Micros(turn.GetProperty("cost_cents")));

    /// <summary>The first piece of a turn's text is there.</summary>
    public static async Task Speaks(ChatClient client, string id)
    {
        using var reply = await client.Begin(HttpMethod.Get, $"{Path}/{id}/events", null);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line == "event: text") return;
        }

        throw new InvalidOperationException("Nobody has said anything.");
    }

    /// <summary>All events, from a place on, to the end of the dialogue.</summary>
    public static async Task<ToldTurn> Follow(ChatClient client, string id, string? after = null)
    {
        using var reply = await client.Begin(HttpMethod.Get, $"{Path}/{id}/events", null, null, after);
        return new((int)reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }
}
