using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Agora.Outbound.Commands;

namespace Agora.Outbound.Tests;

/// <summary>Processes that are spoken to in lines, and what they leave behind.</summary>
public sealed class LocalCommandTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

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

    private static LocalCommand Start(string script, Func<string, bool> onLine, Action<string>? onError = null) => LocalCommand.Start(
        new("test", ["/bin/sh", "-c", script], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, null, []), 1_000, 100, line => onLine(Encoding.UTF8.GetString(line.Span)), onError ?? (static _ => { }))!;
}
