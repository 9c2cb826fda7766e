using System.Diagnostics;
using System.Globalization;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Cli;
using Agora.Cli.MovingIn.Formats;
using Agora.Cli.MovingIn.Old;

namespace Agora.Api.Tests.Chats.Moves;

/// <summary>An older chat in Redis, Agora with a model, and the command line between them.</summary>
internal sealed class MovingIn : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agora-move-").FullName;

    private readonly RedisServer? _redis;

    private MovingIn(ModelWorld world, RedisServer? redis) => (World, _redis) = (world, redis);

    public ModelWorld World { get; }

    public RedisServer Redis => _redis!;

    public string Export => Path.Combine(_folder, "export.json");

    public string State => Path.Combine(_folder, "state");

    public static async Task<MovingIn> Start(string? password = null)
    {
        var world = await ModelWorld.Start();
        await world.PutModel("m", "openai_chat");
        return new(world, await RedisServer.Start(password));
    }

    public static async Task<MovingIn> WithoutRedis()
    {
        var world = await ModelWorld.Start();
        await world.PutModel("m", "openai_chat");
        return new(world, null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        await World.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>As a person at the command line, with all options that are the same each time.</summary>
    public Task<Said> Say(string command, params string[] more) => SayOf(command, ["--redis", Redis.Url, .. more]);

    public async Task<Said> SayOf(string command, string[] more, CancellationToken cancel = default, bool hasServer = true)
    {
        string[] asked = command is "plan" or "report" ? [] : more.Contains("--agent-id") ? ["--model", "m"] : ["--agent-id", "agent-1", "--model", "m"];
        if (command is "switch" or "back" && !more.Contains("--longest-request"))
        {
            more = [.. more, "--longest-request", "0"];
        }

        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["AGORA_URL"] = hasServer ? World.Api.Client.Address.ToString() : null, ["AGENT_API_KEY"] = RunningApi.PlatformKey };
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await Shell.Run(["move-in", command, "--state", State, .. asked, .. more], new(TextReader.Null, output, error, null, settings.GetValueOrDefault, _folder)).WaitAsync(cancel);
        return new(code, output.ToString(), error.ToString());
    }

    /// <summary>As a process of its own, which is killed when it has written so many lines of what it did.</summary>
    public async Task KilledAt(string command, int lines)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Shell).Assembly.Location, "move-in", command, "--state", State, "--agent-id", "agent-1", "--model", "m", "--redis", Redis.Url, "--at-once", "2"]) { RedirectStandardOutput = true };
        (start.Environment["AGORA_URL"], start.Environment["AGENT_API_KEY"], start.Environment["XDG_CONFIG_HOME"]) = (World.Api.Client.Address.ToString(), RunningApi.PlatformKey, _folder);
        using var process = Process.Start(start)!;
        var place = Path.Combine(State, "sessions.jsonl");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        using var late = new CancellationTokenSource(Hang.Timeout);
        while (!File.Exists(place) || File.ReadLines(place).Count() < lines) await timer.WaitForNextTickAsync(late.Token);

        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>The chats of a user, as a program of the agent has them.</summary>
    public async Task<ChatClient> Chats(string user) => new(World, await World.Open(user: user));

    public static async Task<Guid> Only(ChatClient chats) => Assert.Single((await chats.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats").EnumerateArray()).GetProperty("chat_id").GetGuid();

    public static async Task<IReadOnlyList<(string? Text, string? Reply)>> Turns(ChatClient chats, Guid chat) =>
        [.. (await chats.Data(HttpMethod.Get, $"{ChatClient.Path}/{chat}?limit=100")).GetProperty("turns").EnumerateArray().Select(static turn => (turn.GetProperty("text").GetString(), turn.GetProperty("reply").GetProperty("text").GetString()))];

    /// <summary>What a session of the older chat says, in this format.</summary>
    public static byte[] Session(OldFormat format, string user, params (string Role, string Content)[] messages)
    {
        var root = new OldMap();
        root.Set("_permanent", true);
        root.Set("user_id", long.TryParse(user, out var number) ? number : (object)user);
        root.Set("messages", new OldList([.. messages.Select(Message)]));
        root.Set("theme", "dark");
        return Bytes(format, root);
    }

    /// <summary>As the older chat does it: reads, appends, and writes with its time anew.</summary>
    public async Task Appends(string id, OldFormat format, params (string Role, string Content)[] messages)
    {
        var root = (OldMap)Root(format, (await Redis.Get(id))!);
        ((OldList)root["messages"]!).Items.AddRange(messages.Select(Message));
        await Redis.Put(id, Bytes(format, root), 1_000);
    }

    public async Task<IReadOnlyList<(string, string)>> Messages(string id, OldFormat format) =>
        [.. ((OldList)((OldMap)Root(format, (await Redis.Get(id))!))["messages"]!).Items.Cast<OldMap>().Select(static message => ((string)message["role"]!, (string)message["content"]!))];

    public static object Root(OldFormat format, byte[] bytes) => (format switch { OldFormat.Pickle => OldPickle.Read(bytes), OldFormat.Json => OldJson.Read(bytes), _ => OldMessagePack.Read(bytes) })!;

    private static byte[] Bytes(OldFormat format, OldMap root) => format switch { OldFormat.Pickle => OldPickle.Write(root), OldFormat.Json => OldJson.Write(root), _ => OldMessagePack.Write(root) };

    private static OldMap Message((string Role, string Content) said)
    {
        var message = new OldMap();
        message.Set("role", said.Role);
        message.Set("content", said.Content);
        return message;
    }
}

/// <summary>What a command said.</summary>
internal sealed record Said(int Code, string Out, string Error)
{
    /// <summary>Of its report; 0: nothing is said of it.</summary>
    public int this[string what] => Out.Split('\n').Select(static line => line.Split('|', StringSplitOptions.TrimEntries)).FirstOrDefault(cells => cells.Length == 4 && cells[1] == what) is { } row ? int.Parse(row[2], CultureInfo.InvariantCulture) : 0;

    public Said Done()
    {
        Assert.True(Code == ExitCodes.Done, $"{Code}: {Error}{Out}");
        return this;
    }
}
