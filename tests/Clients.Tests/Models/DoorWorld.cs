using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Agora.Fuzz.Servers;
using Agora.ScriptedModels;

namespace Agora.Clients.Tests.Models;

/// <summary>
/// One server whose models are those of a scripted provider, one for each wire, for the walks of all clients. Prices are whole millionths of a dollar a token, so that nothing is rounded: what a session posts is what the provider
/// counted, times them.
/// </summary>
public sealed class DoorWorld : IAsyncLifetime
{
    public const string Text = "It is 7 degrees in Oslo.";
    private const int InputMicros = 1;
    private const int OutputMicros = 10;
    private const string Object = """{"city":"Oslo","degrees":7}""";

    /// <summary>A model's name is its provider's, and so is its key.</summary>
    private static readonly (string Name, string Wire, string Path)[] Wires =
        [("openai", "openai", "v1"), ("openai-chat", "openai_chat", "v1"), ("compatible", "compatible", "v1"), ("anthropic", "anthropic", "v1"), ("google", "google", "v1beta")];

    /// <summary>Models that are not for chat.</summary>
    private static readonly (string Id, string Provider, string Kind)[] Others =
        [("vectors-compatible", "compatible", "embeddings"), ("vectors-google", "google", "embeddings"), ("vectors-openai", "openai", "embeddings"), ("voice", "openai", "speech")];

    private readonly KeptDirectory _data = new();
    private ScriptedProvider? _provider;
    private ServerUnderTest? _server;

    /// <summary>What agents call their shell, and how each is asked.</summary>
    private static readonly Dictionary<string, string> Shells = new()
    {
        ["exec_command"] = """{"cmd":"echo said-by-the-shell"}""",
        ["Bash"] = """{"command":"echo said-by-the-shell","description":"Say it"}""",
        ["bash"] = """{"command":"echo said-by-the-shell","description":"Say it"}""",
        ["run_commands"] = """{"commands":["echo said-by-the-shell"]}""",
    };

    /// <summary>Tools of these walks are called as they want it, once, with some thought before; what comes back is answered by a text.</summary>
    internal static Script Usual { get; } = new()
    {
        Keys = [.. Wires.Select(wire => wire.Name)],
        Choose = asked => new Reply
        {
            Text = Text,
            Json = Object,
            Reasoning = "Oslo is in Norway.",
            Calls = asked.Tools switch
            {
                [] => [],
                { } tools when tools.FirstOrDefault(tool => Shells.ContainsKey(tool.Name)) is { } shell => [new ScriptedCall(shell.Name, Shells[shell.Name])],
                [{ Name: "json" }] => [new ScriptedCall("json", Object)],
                [{ } first, ..] => [new ScriptedCall(first.Name, """{"city":"Oslo"}""")],
            },
        },
    };

    internal ScriptedProvider Provider => _provider!;

    internal string Url => _server!.Address.ToString().TrimEnd('/');

    public async Task InitializeAsync()
    {
        _provider = await ScriptedProvider.Start(Usual);
        var providers = new JsonArray([.. Wires.Select(wire => new JsonObject { ["name"] = wire.Name, ["wire"] = wire.Wire, ["url"] = $"{_provider.Url}{wire.Path}", ["keys"] = new JsonArray(wire.Name) })]);
        _server = await ServerUnderTest.Start(new Dictionary<string, string> { ["AGORA_MODEL_PROVIDERS"] = providers.ToJsonString() }, _data);
        using var http = Http(ServerUnderTest.AdminKey);
        await Put(http, Manual.Model, Manual.Put);
        foreach (var (name, _, _) in Wires)
        {
            await Put(http, name, JsonNode.Parse(
                $$$"""
                {"name":"A model","description":"A model","category":"model","max_price_cents":500,"endpoint":"model:{{{name}}}","provider":"house",
                 "model":{"name":"scripted-large","max_output_tokens":8192,"default_output_tokens":2048,"prices":[{"version":1,"from":"2026-01-01T00:00:00Z","rates":[{"input_cents":100,"output_cents":1000}]}]}}
                """)!);
        }

        foreach (var (id, provider, kind) in Others)
        {
            await Put(http, id, JsonNode.Parse(
                $$$"""
                {"name":"A model","description":"A model","category":"model","max_price_cents":500,"endpoint":"model:{{{provider}}}","provider":"house",
                 "model":{"name":"scripted-small","kind":"{{{kind}}}","prices":[{"version":1,"from":"2026-01-01T00:00:00Z","rates":[{"input_cents":100}]}]}}
                """)!);
        }
    }

    public async Task DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_provider?.DisposeAsync() ?? ValueTask.CompletedTask);
        _data.Dispose();
    }

    /// <summary>A session with so much to spend; what its provider counted before it is none of its matter.</summary>
    internal async Task<DoorSession> Open(string model, string budgetCents = "100")
    {
        using var http = Http(ServerUnderTest.PlatformKey);
        var name = Guid.NewGuid().ToString("N");
        using var opened = await http.PostAsync("/agent/auth", JsonContent.Create(JsonNode.Parse($$$"""{"agent_id":"{{{name}}}","user_id":"{{{name}}}","scopes":{"allowed_categories":["*"],"budget_limit_cents":{{{budgetCents}}}}}""")));
        return new DoorSession(this, model, (string)(await Data(opened))["token"]!, Provider.Requests);
    }

    internal static long Micros(Counts counts) => counts.AllInput * InputMicros + counts.AllOutput * OutputMicros;

    internal static async Task<JsonNode> Data(HttpResponseMessage reply)
    {
        var text = await reply.Content.ReadAsStringAsync();
        return reply.IsSuccessStatusCode ? JsonNode.Parse(text)!["data"]! : throw new InvalidOperationException(text);
    }

    private static async Task Put(HttpClient http, string id, JsonNode service)
    {
        using var put = await http.PutAsync($"/admin/services/{id}", JsonContent.Create(service));
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
    }

    internal HttpClient Http(string key)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new(Url) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return http;
    }
}

/// <summary>A session, whose token is a client's API key.</summary>
internal sealed class DoorSession(DoorWorld world, string model, string token, int before)
{
    public const string Folder = "tests/Clients.Tests";
    private const int Micros = 10_000;

    public string Token => token;

    /// <summary>A walk of a client, below Models/.</summary>
    public async Task<JsonNode> Walk(string client, string walk, params (string Name, string Value)[] settings)
    {
        var (exitCode, output, errors) = await NodeProgram.Ended(
            Folder, "", [$"Models/{client}.mjs", walk], [("DOOR_URL", world.Url), ("DOOR_TOKEN", token), ("DOOR_MODEL", model), ("ANTHROPIC_API_KEY", ""), ("OPENAI_API_KEY", ""), .. settings]);
        return exitCode == 0 ? JsonNode.Parse(output)! : throw new InvalidOperationException($"{client} {walk}, {model}: {errors}{output}");
    }

    /// <summary>A walk that is answered: what the client was told of tokens, and what the session posted, are what the provider counted, call by call.</summary>
    public async Task<JsonNode> WalkAndPay(string client, string walk, params (string Name, string Value)[] settings)
    {
        var said = await Walk(client, walk, settings);
        var counted = await Counted();
        Assert.NotEmpty(counted);
        Assert.Equal(counted.Select(counts => (counts.AllInput, counts.AllOutput)), said["usage"]!.AsArray().Select(usage => ((long)usage!["input"]!, (long)usage["output"]!)));
        await IsPosted(counted);
        return said;
    }

    /// <summary>What the provider would bill this session's calls, in their order.</summary>
    public async Task<IReadOnlyList<Counts>> Counted()
    {
        await world.Provider.Idle();
        return [.. world.Provider.Truths.Where(truth => truth.Number > before).Select(truth => truth.Counts)];
    }

    /// <summary>Its one run ends when the provider has said all of it, whoever still listens.</summary>
    public async Task IsOver()
    {
        using var http = world.Http(token);
        var run = Assert.Single((await DoorWorld.Data(await http.GetAsync("/agent/runs")))["runs"]!.AsArray());
        using var waits = new HttpRequestMessage(HttpMethod.Get, $"/agent/runs/{(string)run!["run_id"]!}");
        waits.Headers.Add("Prefer", "wait=20");
        Assert.Equal("succeeded", (string?)(await DoorWorld.Data(await http.SendAsync(waits)))["state"]);
    }

    public async Task IsPosted(IReadOnlyList<Counts> counted)
    {
        using var http = world.Http(token);
        var runs = (await DoorWorld.Data(await http.GetAsync("/agent/runs?limit=100")))["runs"]!.AsArray();
        var posted = runs.Where(run => (decimal)run!["amount_cents"]! > 0).Reverse().Select(run => (long)((decimal)run!["amount_cents"]! * Micros));
        Assert.Equal(counted.Select(DoorWorld.Micros), posted);

        await IsSpent(counted);
    }

    /// <summary>The same for all of them together, in any order.</summary>
    public async Task IsSpent(IReadOnlyList<Counts> counted)
    {
        using var http = world.Http(token);
        var budget = (await DoorWorld.Data(await http.GetAsync("/agent/flow/status")))["budget"]!;
        Assert.Equal((counted.Sum(DoorWorld.Micros), 0), ((long)((decimal)budget["spent_cents"]! * Micros), (long)((decimal)budget["reserved_cents"]! * Micros)));
    }
}

[CollectionDefinition(nameof(DoorWorld))]
public sealed class DoorWorldTests : ICollectionFixture<DoorWorld>;

/// <summary>Where Node or a client is missing the test is skipped by name.</summary>
public sealed class ModelClientTheoryAttribute : TheoryAttribute
{
    public ModelClientTheoryAttribute(params string[] packages) => Skip = NodeProgram.Missing(DoorSession.Folder, packages);
}

/// <inheritdoc cref="ModelClientTheoryAttribute"/>
public sealed class ModelClientFactAttribute : FactAttribute
{
    public ModelClientFactAttribute(params string[] packages) => Skip = NodeProgram.Missing(DoorSession.Folder, packages);
}
