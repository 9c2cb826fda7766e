using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>A program of the product in a process of its own.</summary>
internal sealed class StartedProgram : IAsyncDisposable
{
    private const string Mark = "Agora is listening on ";
    private readonly Process _process;
    private bool _isDisposed;
    private readonly ConcurrentQueue<string> _lines = new();
    private (string Start, TaskCompletionSource Said) _awaited = ("\n", new());
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StartedProgram(ProcessStartInfo start, Uri address)
    {
        Address = address;
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Ended = End();
    }

    public Task<Uri> Listening => _listening.Task;

    /// <summary>Completes with the first line that begins so.</summary>
    public Task Says(string start)
    {
        _awaited = (start, new(TaskCreationOptions.RunContinuationsAsynchronously));
        foreach (var line in _lines)
        {
            Compare(line);
        }

        return _awaited.Said.Task;
    }

    public Uri Address { get; }

    public int Id => _process.Id;

    /// <summary>The exit code, when all that was printed has been read.</summary>
    public Task<int> Ended { get; }

    public string Output => string.Join('\n', _lines);

    public static async Task AreReady(TimeSpan patience, params StartedProgram[] programs)
    {
        foreach (var program in programs)
        {
            await program.Listening.WaitAsync(patience);
            Assert.Equal(HttpStatusCode.OK, await program.Status("/healthz"));
            await program.Answers("/readyz", HttpStatusCode.OK, patience);
            Assert.DoesNotContain("Participant check", program.Output, StringComparison.Ordinal);
        }
    }

    public async Task<HttpStatusCode> Status(string path, string? key = null)
    {
        using var reply = await Get(path, key);
        return reply.StatusCode;
    }

    public async Task<string> Text(string path, string key)
    {
        using var reply = await Get(path, key);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        return await reply.Content.ReadAsStringAsync();
    }

    private async Task<HttpResponseMessage> Get(string path, string? key)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, path));
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        return await http.SendAsync(request);
    }

    /// <summary>Nothing tells when a server begins to listen, or to be ready, so it is asked until it answers so.</summary>
    public async Task Answers(string path, HttpStatusCode status, TimeSpan patience)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var since = Stopwatch.GetTimestamp();
        while (await StatusOrNull(path) != status)
        {
            Assert.False(_process.HasExited, Output);
            Assert.True(Stopwatch.GetElapsedTime(since) < patience, Output);
            await timer.WaitForNextTickAsync();
        }
    }

    private async Task<HttpStatusCode?> StatusOrNull(string path)
    {
        try
        {
            return await Status(path);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Kills it, more than once, too.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await Ended;
        _process.Dispose();
    }

    private async Task<int> End()
    {
        await _process.WaitForExitAsync();
        _listening.TrySetException(new InvalidOperationException($"It ended before it listened:\n{Output}"));
        return _process.ExitCode;
    }

    private void Compare(string line)
    {
        if (line.StartsWith(_awaited.Start, StringComparison.Ordinal))
        {
            _awaited.Said.TrySetResult();
        }
    }

    private void Take(string? line)
    {
        if (line is null) return;

        _lines.Enqueue(line);
        Compare(line);
        if (line.StartsWith(Mark, StringComparison.Ordinal))
        {
            _listening.TrySetResult(new(line[Mark.Length..]));
        }
    }
}
