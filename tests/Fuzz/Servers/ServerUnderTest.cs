using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Agora.Fuzz.Servers;

/// <summary>
/// The server as <c>./run --demo</c> starts it: a process of its own on a new data directory and a port that the system chooses, with the demo's
/// catalogue. Other suites may start theirs with it. Waiting is bounded: another process is waited for here, never time as such.
/// </summary>
public sealed class ServerUnderTest : IAsyncDisposable
{
    public const string AdminKey = "operator-key-of-the-server-under-test";
    public const string PlatformKey = "platform-key-of-the-server-under-test";
    public const string GptKey = "chats-key-of-the-server-under-test-01";
    private const int LinesKept = 20_000;
    private const string Mark = "Agora is listening on ";
    private const string LoadedMark = "The demo catalogue is loaded";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly KeptDirectory? _own;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<Uri> _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _isLoaded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerUnderTest(IReadOnlyDictionary<string, string>? settings, KeptDirectory? directory, string[] arguments)
    {
        _own = directory is null ? new() : null;
        var start = new ProcessStartInfo("dotnet", [Program(arguments.Contains("--demo")), .. arguments, "--data", (directory ?? _own)!.Path, "--urls", "http://127.0.0.1:0"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AGORA_ADMIN_KEY"] = AdminKey;
        start.Environment["AGENT_API_KEY"] = PlatformKey;
        start.Environment["AGORA_GPT_KEYS"] = $"chat:{GptKey}";
        start.Environment["AGORA_GPT_RATE_PER_MINUTE"] = "1000000";
        start.Environment["AGORA_RATE_LIMIT_PER_MINUTE"] = "10000000";
        start.Environment["AGORA_ANOMALY_LIMIT"] = "1000";
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = new() { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
    }

    public Uri Address { get; private set; } = null!;

    public bool HasEnded => _process.HasExited;

    /// <summary>What it printed and logged, the last 20,000 lines.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>What it logged of those.</summary>
    public IEnumerable<string> Defects => _lines.Where(line => line.Contains("\"LogLevel\":\"Error\"", StringComparison.Ordinal));

    /// <summary>Resident memory, in bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    // The build of this program, debug or release, beside it.
    private static string Program(bool demo)
    {
        var mine = new DirectoryInfo(AppContext.BaseDirectory);
        var (project, assembly) = demo ? ("Demo", "Agora.Samples.Demo.dll") : ("Silo", "Agora.Silo.dll");
        return Path.GetFullPath(Path.Combine(mine.FullName, "..", "..", project, mine.Name, assembly));
    }

    /// <summary>Serves, and the demo's catalogue is there; its walk goes on.</summary>
    /// <param name="settings">More of its environment.</param>
    /// <param name="directory">Where its data stay; null: they go with it.</param>
    public static async Task<ServerUnderTest> Start(IReadOnlyDictionary<string, string>? settings = null, KeptDirectory? directory = null)
    {
        var server = new ServerUnderTest(settings, directory, ["--demo"]);
        server.Begin();
        if (await Task.WhenAny(server._isLoaded.Task, server._process.WaitForExitAsync(), Task.Delay(Patience)) != server._isLoaded.Task)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server does not serve:\n{server.Output}");
        }

        server.Address = await server._listens.Task;
        return server;
    }

    /// <summary>A start that is expected to end by itself, or a verb.</summary>
    public static async Task<(int ExitCode, string Output)> Run(IReadOnlyDictionary<string, string>? settings = null, KeptDirectory? directory = null, params string[] arguments)
    {
        await using var server = new ServerUnderTest(settings, directory, arguments);
        server.Begin();
        await Task.WhenAny(server._process.WaitForExitAsync(), server._listens.Task).WaitAsync(Patience);
        if (!server.HasEnded) return (0, $"it serves:\n{server.Output}");

        await server._process.WaitForExitAsync(); // and its output with it
        return (server._process.ExitCode, server.Output);
    }

    /// <summary>kill -9: nothing of it runs, and nothing of a directory of its own is there, when this returns.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
        _own?.Dispose();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"process {_process.Id} at {Address}");

    private void Begin()
    {
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Take(string? line)
    {
        if (line is null) return;

        _lines.Enqueue(line);
        while (_lines.Count > LinesKept && _lines.TryDequeue(out _))
        {
        }

        if (line.StartsWith(Mark, StringComparison.Ordinal))
        {
            _listens.TrySetResult(new(line[Mark.Length..]));
        }
        else if (line.StartsWith(LoadedMark, StringComparison.Ordinal))
        {
            _isLoaded.TrySetResult();
        }
    }
}
