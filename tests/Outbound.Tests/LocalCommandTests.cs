using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Agora.Outbound.Commands;

namespace Agora.Outbound.Tests;

/// <summary>Processes that are spoken to in lines, and what they leave behind.</summary>
public sealed class LocalCommandTests
{
    private static readonly TimeSpan Patience = Hang.Timeout;

    [Fact]
    public async Task It_has_ended_when_its_process_has_though_what_it_left_behind_holds_its_output()
    {
        var lines = new BlockingCollection<string>();
        using var command = Start("sleep 300 & echo $!", line => lines.TryAdd(line));
        var left = Process.GetProcessById(int.Parse(lines.Take(), CultureInfo.InvariantCulture));
        try
        {
            await command.Ended.WaitAsync(Patience);

            Assert.False(left.HasExited);
            Assert.False(await command.Write("x"u8.ToArray(), CancellationToken.None));
        }
        finally
        {
            left.Kill();
        }
    }

    [Fact]
    public async Task What_it_said_last_is_heard_on_both_ways()
    {
        var (lines, errors) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        using var command = Start("echo one; echo two; echo größer >&2; exit 1", line => { lines.Enqueue(line); return true; }, errors.Enqueue);

        await command.Ended.WaitAsync(Patience);

        Assert.Equal(["one", "two"], lines);
        Assert.Equal(["größer"], errors);
    }

    [Fact]
    public async Task Whoever_hears_enough_ends_it()
    {
        var heard = 0;
        using var command = Start("while true; do echo x; done", _ => ++heard < 100);

        await command.Ended.WaitAsync(Patience);

        Assert.Equal(100, heard);
    }

    [Fact]
    public async Task One_that_writes_errors_without_end_waits_until_they_are_read_and_answers_all_the_same()
    {
        var lines = new BlockingCollection<string>();
        using var command = Start("yes xxxxxxxxxxxxxxxx >&2 & read line; echo $line", line => lines.TryAdd(line));

        Assert.True(await command.Write("hello"u8.ToArray(), CancellationToken.None));
        Assert.True(lines.TryTake(out var answer, Patience));
        Assert.Equal("hello", answer);
        await command.Ended.WaitAsync(Patience);
    }

    [Fact]
    public async Task It_has_the_environment_that_was_given_and_nothing_of_ours()
    {
        var lines = new ConcurrentQueue<string>();
        using var command = Start("env", line => { lines.Enqueue(line); return true; });

        await command.Ended.WaitAsync(Patience);

        Assert.Equal(["PATH"], lines.Select(line => line.Split('=')[0]).Except(["PWD", "OLDPWD", "SHLVL", "_"])); // what a shell sets itself
    }

    [Fact]
    public async Task Whoever_writes_a_line_without_end_is_ended_and_none_of_it_is_heard()
    {
        var heard = 0;
        using var command = Start("yes | tr -d '\\n'", _ => ++heard > 0);

        await command.Ended.WaitAsync(Patience);

        Assert.Equal(0, heard);
    }

    [Fact]
    public async Task What_it_has_started_ends_with_it()
    {
        var lines = new BlockingCollection<string>();
        using var command = Start("sleep 300 & echo $!; wait", line => lines.TryAdd(line));
        using var started = Process.GetProcessById(int.Parse(lines.Take(), CultureInfo.InvariantCulture));

        command.Dispose();

        await started.WaitForExitAsync().WaitAsync(Patience);
        await command.Ended.WaitAsync(Patience);
    }

    [Fact]
    public async Task Half_a_line_is_the_last_that_is_written()
    {
        using var command = Start("sleep 300", static _ => true);
        using var over = new CancellationTokenSource();
        var writing = command.Write(new byte[1 << 20], over.Token); // it reads nothing

        await over.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);

        await command.Ended.WaitAsync(Patience);
    }

    private static LocalCommand Start(string script, Func<string, bool> onLine, Action<string>? onError = null) => LocalCommand.Start(
        new("test", ["/bin/sh", "-c", script], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, null, []), 1_000, 100, line => onLine(Encoding.UTF8.GetString(line.Span)), onError ?? (static _ => { }))!;
}
