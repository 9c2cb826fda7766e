using System.Text.Json;
using Agora.Api.Hosts;
using Agora.Journal;
using Agora.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Api.Tests.Hosts;

/// <summary>What stands in the log, and how often.</summary>
public sealed class LogLinesTests
{
    private readonly SimTimeProvider _time = new();
    private readonly StringWriter _written = new();
    private readonly LogLines _lines;

    public LogLinesTests() => _lines = new(_time);

    private IReadOnlyList<JsonElement> Written => [.. _written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    [Fact]
    public void A_line_is_JSON_with_its_time_in_UTC()
    {
        _time.Advance(TimeSpan.FromMilliseconds(1_500));

        Log(LogLevel.Information, "said");

        var line = Assert.Single(Written);
        Assert.Equal("2030-01-01T00:00:01.500000Z", line.GetProperty("Timestamp").GetString());
        Assert.Equal(("Information", "category", "said"), (line.GetProperty("LogLevel").GetString(), line.GetProperty("Category").GetString(), line.GetProperty("Message").GetString()));
    }

    [Fact]
    public void Five_seconds_without_a_store_are_one_short_line_a_kind_and_then_the_number_of_those_left_out()
    {
        for (var i = 0; i < 100; i++)
        {
            Log(LogLevel.Warning, "not refreshed", Thrown(new JournalUnavailableException("PostgreSQL: no connection", new IOException("inner"))));
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        var first = Assert.Single(Written);
        Assert.Equal("JournalUnavailableException: PostgreSQL: no connection", first.GetProperty("Exception").GetString());
        Assert.InRange(_written.ToString().Length, 1, 1_000);
        Log(LogLevel.Warning, "not refreshed", new JournalUnavailableException("PostgreSQL: no connection"));
        Assert.Equal(99, Written[1].GetProperty("LeftOut").GetInt32());
    }

    [Fact]
    public void Warnings_of_one_kind_are_bounded_and_those_of_another_are_said()
    {
        for (var i = 0; i < 100; i++) Log(LogLevel.Warning, "again");
        Log(LogLevel.Warning, "another", eventId: 2);

        Assert.Equal(LogLines.WarningsAWindow + 1, Written.Count);
        Assert.Equal("another", Written[^1].GetProperty("Message").GetString());
    }

    [Fact]
    public void Defects_have_their_stacks_each_time()
    {
        for (var i = 0; i < 100; i++) Log(LogLevel.Error, "defect", Thrown(new InvalidOperationException("broken")));

        Assert.Equal(100, Written.Count);
        Assert.All(Written, l => Assert.Contains(nameof(Thrown), l.GetProperty("Exception").GetString(), StringComparison.Ordinal));
    }

    private static Exception Thrown(Exception e)
    {
        try
        {
            throw e;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
    }

    private void Log(LogLevel level, string message, Exception? e = null, int eventId = 1) =>
        _lines.Write(new LogEntry<string>(level, "category", new EventId(eventId), message, e, static (text, _) => text), null, _written);
}
