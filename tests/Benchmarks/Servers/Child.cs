using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;

namespace Agora.Benchmarks.Servers;

/// <summary>
/// This program once more, as another process: <c>Benchmarks ROLE …</c>. It talks by lines on its standard streams and ends when its
/// input does, so none outlives the one that started it.
/// </summary>
internal sealed class Child : IServer, IAsyncDisposable
{
    private const string Listening = "listening on ";
    private const string YoungBytes = "DOTNET_GCgen0size";
    private const string AsShipped = "0x8000000"; // as ./run and the image have it
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private Child(Process process) => _process = process;

    public IReadOnlyList<int> Processes => [_process.Id];

    /// <summary>Where a server listens.</summary>
    public Uri Address { get; private init; } = new("http://127.0.0.1:0");

    public IReadOnlyList<Uri> Addresses => [Address];

    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static Child Start(string role, params string[] arguments) => new(StartProcess(role, arguments, new() { ["DOTNET_gcServer"] = "0", [YoungBytes] = AsShipped }));

    public static Task<Child> StartServer(string role, params string[] arguments) => StartServer(role, arguments, heapBytes: null);

    /// <param name="heapBytes">All that the collector may have: above it the process is out of memory. Null: as ./run and the image have it.</param>
    public static async Task<Child> StartServer(string role, string[] arguments, long? heapBytes)
    {
        var process = StartProcess(role, arguments, heapBytes is { } heap
            ? new() { ["DOTNET_gcServer"] = "0", ["DOTNET_GCHeapHardLimit"] = $"0x{heap:x}" }
            : new() { ["DOTNET_gcServer"] = "1", [YoungBytes] = AsShipped });
        var line = await process.StandardOutput.ReadLineAsync();
        return line?.StartsWith(Listening, StringComparison.Ordinal) == true
            ? new(process) { Address = new(line[Listening.Length..]) }
            : throw new InvalidOperationException($"{role} did not begin to listen: {line}");
    }

    /// <summary>In the child: says where it listens, then answers how many bytes have been allocated, until nobody asks any more.</summary>
    public static async Task Serve(WebApplication app)
    {
        Console.WriteLine(Listening + app.Urls.Single());
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine(GC.GetTotalAllocatedBytes().ToString(CultureInfo.InvariantCulture));
        }

        await app.StopAsync();
    }

    public async Task<string> Ask(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("A process of the benchmark ended.");
    }

    public async Task<long> Allocated() => long.Parse(await Ask("allocated"), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static Process StartProcess(string role, string[] arguments, Dictionary<string, string> collector)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Agora.Benchmarks.dll"), role, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in collector) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
