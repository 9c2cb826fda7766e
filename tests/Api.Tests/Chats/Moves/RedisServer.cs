using System.Diagnostics;
using Agora.Cli;
using Agora.Cli.MovingIn.Old;
using Agora.Testing;

namespace Agora.Api.Tests.Chats.Moves;

/// <summary>Redis on a port of its own, which keeps nothing when it ends.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    public const string Prefix = "flask_session:";

    private readonly string _folder = Directory.CreateTempSubdirectory("agora-redis-").FullName;
    private readonly Process _process;

    private RedisServer(int port, string? password)
    {
        Url = password is null ? $"redis://127.0.0.1:{port}" : $"redis://:{password}@127.0.0.1:{port}/1";
        string[] arguments = ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder, .. password is null ? (string[])[] : ["--requirepass", password]];
        _process = Process.Start(new ProcessStartInfo(Program!, arguments) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        Client = new(RedisAddress.Parse(Url));
    }

    public static string? Program { get; } = Programs.Find("redis-server");

    public string Url { get; }

    public RedisClient Client { get; }

    public static async Task<RedisServer> Start(string? password = null)
    {
        var server = new RedisServer(FreePort.Next(), password);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Hang.Timeout);
        while (!await server.Answers()) await timer.WaitForNextTickAsync(late.Token);
        return server;
    }

    public Task Put(string id, byte[] session, int? seconds = null) => Client.Ask(default, seconds is { } left ? ["SET", Prefix + id, session, "EX", $"{left}"] : ["SET", Prefix + id, session]);

    public async Task<byte[]?> Get(string id) => (byte[]?)await Client.Ask(default, "GET", Prefix + id);

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> Answers()
    {
        try
        {
            return await Client.Ask(default, "PING") is "PONG";
        }
        catch (CliException)
        {
            return false;
        }
    }
}

internal sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute() => Skip = RedisServer.Program is null ? "redis-server is not on the PATH" : null;
}

internal sealed class LongRedisFactAttribute : FactAttribute
{
    public LongRedisFactAttribute() => Skip = RedisServer.Program is null ? "redis-server is not on the PATH" : Length.Skip;
}
