using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Agora.Api.Tests.Chats;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Journal;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Scenarios;

/// <summary>The API with a partner, a coach and a judge, each a model of its own, and a scenario that they play.</summary>
internal sealed class PlayWorld : IAsyncDisposable
{
    public const string Path = "/api/v2/scenario";
    public const string Opening = "You wanted to see me?";

    /// <summary>Of a judge: its answer ends at its half.</summary>
    public const string Cut = "(cut)";

    private readonly List<ChatClient> _clients = [];

    private PlayWorld(ModelWorld models, ConcurrentQueue<(string Model, string Body)> asked) => (Models, Asked) = (models, asked);

    public ModelWorld Models { get; }

    /// <summary>All that models were asked, as it was sent.</summary>
    public ConcurrentQueue<(string Model, string Body)> Asked { get; }

    /// <param name="more">What else providers do.</param>
    /// <param name="time">Of calls to providers only.</param>
    /// <param name="edge">What stands before the entities.</param>
    /// <param name="judged">What the judge says, by how often it was asked before; null: both criteria at 3 of 4 and 1 of 4.</param>
    public static async Task<PlayWorld> Start(Func<int, string>? judged = null, IJournal? store = null, bool isNew = true, Func<Script, Script>? more = null, TimeProvider? time = null, Func<IEntities, IEntities>? edge = null)
    {
        var (asked, judgements) = (new ConcurrentQueue<(string, string)>(), -1);
        var script = new Script
        {
            Choose = one =>
            {
                asked.Enqueue((one.Model, one.Body.GetRawText()));
                return one.Model switch
                {
                    "judge" => (judged?.Invoke(Interlocked.Increment(ref judgements)) ?? Judged(3, 1)) is var text && text != Cut ? new Reply { Text = text, Json = text } : new Reply { Fault = new Fault.EndEarly() },
                    "coach" => new Reply { Text = "Say since when." },
                    _ => new Reply { Text = "So what does that mean for tomorrow?" },
                };
            },
            Delivery = new() { ChunkCharacters = 9 },
        };
        var models = await ModelWorld.Start(more?.Invoke(script) ?? script, time, store: store, edge: edge);
        if (isNew)
        {
            foreach (var model in (string[])["partner", "coach", "judge"]) await models.PutModel(model, "openai");
        }

        return new(models, asked);
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

    public static string Scenario(int turns = 8, string title = "A delay", string phrase = "", string persona = "Busy and fair.") => $$$"""
        {"title":"{{{title}}}","language":"en","situation":"A test fails.","learner":{"role":"You found it."},"partner":{"name":"Ms Sato","persona":"{{{persona}}}","opening":"{{{Opening}}}"},"goals":["Say what is wrong."],
         "rubric":{"criteria":[{"id":"facts","title":"Facts first","description":"Says what happened.","weight":3,"levels":4},{"id":"tone","title":"Tone","description":"Is calm.","weight":1,"levels":4}]},
         "hints":{"allowed":true,"most":2},"ends":{"turns":{{{turns.ToString(CultureInfo.InvariantCulture)}}}{{{(phrase.Length == 0 ? "" : $",\"phrase\":\"{phrase}\"")}}}},"models":{"partner":"partner","coach":"coach","judge":"judge"}}
        """;

    public static string Judged(int facts, int tone) => $$$$"""{"criteria":{"facts":{"score":{{{{facts}}}},"reason":"You named the test.","turns":[1]},"tone":{"score":{{{{tone}}}},"reason":"You were hasty.","turns":[1,1]}}}""";

    public Task<Received> Admin(HttpMethod method, string path, string? body = null) => Models.Api.Client.Send(method, path, RunningApi.AdminKey, body);

    public async Task<JsonElement> Put(string body, string id = "late") => (await Admin(HttpMethod.Put, $"/admin/scenarios/{id}", body)).Expect(200).Data;

    public static Task<JsonElement> Begin(ChatClient client, string what = """{"scenario_id":"late"}""", string? key = null) => client.Data(HttpMethod.Post, $"{Path}/plays", what, key);

    public static string IdOf(JsonElement play) => play.GetProperty("play_id").GetString()!;

    public static Task<JsonElement> Get(ChatClient client, string id) => client.Data(HttpMethod.Get, $"{Path}/plays/{id}");

    public static Task<ToldTurn> Say(ChatClient client, string id, string text, string? key = null) => client.Say(JsonSerializer.Serialize(new { chat_id = id, text }), key);

    public static Task<(int Status, JsonElement Json)> Score(ChatClient client, string id, string? key = null) => client.Send(HttpMethod.Post, $"{Path}/plays/{id}/score", null, key ?? Guid.NewGuid().ToString("N"));

    public static Task<(int Status, JsonElement Json)> Hint(ChatClient client, string id, string? key = null) => client.Send(HttpMethod.Post, $"{Path}/plays/{id}/hint", null, key ?? Guid.NewGuid().ToString("N"));

    public static async Task<JsonElement> Scored(ChatClient client, string id, string? key = null)
    {
        var (status, json) = await Score(client, id, key);
        Assert.True(status == 200, json.GetRawText());
        return json.GetProperty("data");
    }

    public static string Code(JsonElement json) => json.GetProperty("error").GetProperty("code").GetString()!;

    public static string? Text(JsonElement data, string name) => data.GetProperty(name).GetString();

    public static IReadOnlyList<string> Texts(JsonElement data, string name) => [.. data.GetProperty(name).EnumerateArray().Select(static item => item.GetString()!)];

    /// <summary>What all of it costs, as the provider counts it.</summary>
    public async Task<long> Truth()
    {
        await Models.Upstream.Idle();
        return Models.Upstream.Truths.Sum(truth => ModelWorld.Cost(truth.Counts));
    }

    public int Calls(string model) => Asked.Count(one => one.Model == model);

    /// <summary>What a model was told as the system, and all else that it was told.</summary>
    public static (string System, string Others) Told(string body)
    {
        var root = JsonDocument.Parse(body).RootElement;
        var items = root.GetProperty("input").EnumerateArray().Select(static item => (Role: item.TryGetProperty("role", out var role) ? role.GetString() : "", Text: string.Concat(Strings(item.GetProperty("content"))))).ToList();
        var instructions = root.TryGetProperty("instructions", out var said) ? said.GetString() : "";
        return (instructions + string.Join('\n', items.Where(static i => i.Role is "system" or "developer").Select(static i => i.Text)), string.Join('\n', items.Where(static i => i.Role is not ("system" or "developer")).Select(static i => i.Text)));
    }

    private static IEnumerable<string> Strings(JsonElement content) => content.ValueKind == JsonValueKind.String ? [content.GetString()!] : content.EnumerateArray().Select(static part => part.GetProperty("text").GetString()!);
}
