using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Agora.Crash.Support;

/// <summary>
/// The real server, as a process of its own on a data directory that outlives it. Everything that it prints is kept, so that a
/// failing test can show it. Waiting is bounded: another process is waited for here, never time as such.
/// </summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    public const string AdminKey = "admin-key-of-the-crash-tests-0123456789";
    public const string PlatformKey = "platform-key-of-the-crash-tests-0123456789";

    private const int TerminateSignal = 15;
    private const int ContinueSignal = 18; // on Linux
    private const int StopSignal = 19;
    private const int LinesKept = 2000;
    private static readonly TimeSpan Patience = Hang.Timeout;

    // Of a silo on PostgreSQL, by its address: one that starts again has the ports that it had.
    private static readonly ConcurrentDictionary<string, (int Silo, int Gateway)> Ports = new();
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 2;
    private bool _ended;

    private ServerProcess(string[] arguments, string outboundAllow, Surroundings? surroundings = null)
    {
        string[] command = [.. surroundings?.Command ?? [], "dotnet", surroundings?.Release is { } release ? Path.Combine(release, "Agora.Silo.dll") : Program(surroundings?.Program ?? "Silo"), .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var ours in start.Environment.Keys.Where(n => n.StartsWith("AGORA_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(ours); // settings of this suite, which are none of the server's
        }

        start.Environment["AGORA_ADMIN_KEY"] = AdminKey;
        start.Environment["AGENT_API_KEY"] = PlatformKey;
        start.Environment["AGORA_RATE_LIMIT_PER_MINUTE"] = "1000000";
        start.Environment["AGORA_DUPLICATE_WINDOW_SECONDS"] = "0";
        start.Environment["AGORA_OUTBOUND_ALLOW"] = outboundAllow;
        var ports = Ports.GetOrAdd(arguments.SkipWhile(static argument => argument != "--urls").ElementAtOrDefault(1) ?? "", static _ => (Testing.FreePort.Next(), Testing.FreePort.Next()));
        start.Environment["AGORA_SILO_PORT"] = $"{ports.Silo}";
        start.Environment["AGORA_GATEWAY_PORT"] = $"{ports.Gateway}";
        foreach (var (name, value) in surroundings?.Settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = new() { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
    }

    public Uri Address { get; private set; } = null!;

    public string Output => string.Join('\n', _lines);

    public bool HasEnded => _process.HasExited;

    /// <summary>CPU time that it has used, and memory that it has now.</summary>
    public (TimeSpan Cpu, long Bytes) Used
    {
        get
        {
            _process.Refresh();
            return (_process.TotalProcessorTime, _process.WorkingSet64);
        }
    }

    // The tests' own build, debug or release, started the way ./run starts it.
    private static string Program(string project)
    {
        var mine = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.GetFullPath(Path.Combine(mine.FullName, "..", "..", project.Split('.')[^1], mine.Name, $"Agora.{project}.dll"));
    }

    /// <summary>A server that listens; the same address each time, as an operator would have it.</summary>
    public static async Task<ServerProcess> Start(string directory, Uri address, string outboundAllow = "", string[]? arguments = null, Surroundings? surroundings = null)
    {
        var server = new ServerProcess(["--data", directory, "--urls", address.ToString().TrimEnd('/'), .. arguments ?? []], outboundAllow, surroundings);
        server.Begin();
        var ended = server._process.WaitForExitAsync();
        var first = await Task.WhenAny(server._listening.Task, ended, Task.Delay(Patience));
        if (first == server._listening.Task)
        {
            server.Address = await server._listening.Task;
            return server;
        }

        await server.DisposeAsync();
        throw new InvalidOperationException($"The server {(first == ended ? "ended before it listened" : "does not listen")}:\n{server.Output}");
    }

    /// <summary>A start that is expected to end by itself, or one of the program's other verbs.</summary>
    public static Task<(int ExitCode, string Output)> Run(params string[] arguments) => Run(surroundings: null, arguments);

    public static async Task<(int ExitCode, string Output)> Run(Surroundings? surroundings, params string[] arguments)
    {
        await using var server = new ServerProcess(arguments, "", surroundings);
        server.Begin();
        await server._process.WaitForExitAsync().WaitAsync(Patience);
        await server._outputEnded.Task.WaitAsync(Patience);
        return (server._process.ExitCode, server.Output);
    }

    /// <summary>What an operator runs nightly: every row is as it was written, and all rules hold of what is there, whatever is under way.</summary>
    /// <param name="store">Where the journal is, if not in the directory.</param>
    public static async Task Verify(string directory, params string[] store)
    {
        var (exitCode, said) = await Run(["verify-journal", "--data", directory, .. store]);
        Assert.True(exitCode == 0, said);
        Assert.Contains(" 0 broken", said, StringComparison.Ordinal);
        await Check(directory, store);
    }

    /// <summary>All rules hold of the journal as it stands, beside a running server too.</summary>
    /// <param name="store">Where it is, if not in the directory.</param>
    public static async Task Check(string directory, params string[] store)
    {
        var (exitCode, said) = await Run(["check", "--data", directory, .. store]);
        Assert.True(exitCode == 0, said);
        Assert.Contains("\n0 violations", said, StringComparison.Ordinal);
    }

    public static Uri FreeAddress() => new($"http://127.0.0.1:{Testing.FreePort.Next()}");

    /// <summary>SIGTERM, without waiting for what it leads to.</summary>
    public void Terminate() => Assert.Equal(0, SendSignal(_process.Id, TerminateSignal));

    /// <summary>SIGSTOP: it is there, and does nothing, until <see cref="Continue"/>.</summary>
    public void Pause() => Assert.Equal(0, SendSignal(_process.Id, StopSignal));

    public void Continue() => Assert.Equal(0, SendSignal(_process.Id, ContinueSignal));

    public async Task<int> Ended()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>kill -9, unless it has ended: nothing of the process runs any more when this returns.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ended) return;

        _ended = true;
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
    }

    private void Begin()
    {
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            if (Interlocked.Decrement(ref _open) == 0)
            {
                _outputEnded.TrySetResult();
            }

            return;
        }

        _lines.Enqueue(line);
        while (_lines.Count > LinesKept && _lines.TryDequeue(out _))
        {
        }

        const string Mark = "Agora is listening on ";
        if (line.StartsWith(Mark, StringComparison.Ordinal))
        {
            _listening.TrySetResult(new(line[Mark.Length..]));
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}

/// <summary>What is special to a process besides its arguments.</summary>
/// <param name="Settings">More of its environment.</param>
/// <param name="Command">The program that becomes it, with arguments, such as <c>ip netns exec NAME</c>; none: it is started directly.</param>
internal sealed record Surroundings(IReadOnlyDictionary<string, string> Settings, params string[] Command)
{
    /// <summary>Which program: the silo, <c>FrontEnd</c>, or <c>Samples.Demo</c>.</summary>
    public string Program { get; init; } = "Silo";

    /// <summary>The folder of another release's silo, instead of the one that was built with the tests.</summary>
    public string? Release { get; init; }
}

/// <summary>One place of data and one address, and the processes that serve it one after the other.</summary>
internal sealed class RestartedServer(DataDirectory directory, Uri address, string outboundAllow, string[]? arguments = null, Surroundings? surroundings = null) : IAsyncDisposable
{
    private ServerProcess? _now;

    /// <summary>As <see cref="Surroundings.Release"/>, of the next start.</summary>
    public string? Release { get; set; } = surroundings?.Release;

    public string Output => _now?.Output ?? "";

    public (TimeSpan Cpu, long Bytes) Used => _now!.Used;

    public async Task Start() => _now = await ServerProcess.Start(directory.Path, address, outboundAllow, arguments, (surroundings ?? new(new Dictionary<string, string>())) with { Release = Release });

    /// <summary>kill -9.</summary>
    public async Task Kill() => await _now!.DisposeAsync();

    /// <summary>SIGTERM, without waiting for what it leads to.</summary>
    public void Terminate() => _now!.Terminate();

    public async Task Stop()
    {
        Terminate();
        Assert.True(await Ended() == 0, Output);
    }

    /// <returns>Its exit code, when it has ended.</returns>
    public Task<int> Ended() => _now!.Ended();

    public ValueTask DisposeAsync() => _now?.DisposeAsync() ?? default;
}
