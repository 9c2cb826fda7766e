using System.Collections.Concurrent;
using System.Text;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.ScriptedModels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Tests.Models;

/// <summary>A provider's key is known to nobody but the provider: not where it fails, nor where the provider says the key in its own words.</summary>
public sealed class KeyTests
{
    public static TheoryData<string> Keys => ["sk-proj-0123456789abcdefABCDEF", "sk-ant-api03-0123456789abcdef", "AIzaSy0123456789abcdefABCDEF", "plain.secret.of.somebody/0123456789", "Bearer-like=secret+0123456789=="];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_key_stands_in_no_answer_no_log_and_no_row_though_the_provider_says_it(string key)
    {
        using var log = new AllLogged();
        var statuses = new Dictionary<string, int>();
        await using var world = await ModelWorld.Start(
            new() { Keys = [], Choose = asked => new Reply { Fault = statuses.TryGetValue(asked.Model, out var status) && status > 0 ? new Fault.Status(status, Message: $"Key {key} of yours ({key}) may not: '{key}'.") : null } },
            keys: [key, key + "2"],
            log: log);
        var said = new List<string>();
        var streams = new List<string>();
        foreach (var status in new[] { 0, 400, 403, 404, 413, 429, 500, 503, 504, 401 })
        {
            foreach (var wire in ModelWorld.Wires)
            {
                var model = $"{wire}-{status}";
                statuses[model] = status;
                await world.PutModel(model, wire);
                var session = await world.Open();
                streams.Add(StreamId.Session(session.Id).ToString());
                foreach (var stream in new[] { false, true })
                {
                    var dialect = ModelDoorClient.Dialects[said.Count % 3];
                    var told = await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, model, stream: stream));
                    said.Add($"{told.Headers}{told.Text}");
                    Assert.Equal(status == 0, told.Status == 200);
                }
            }
        }

        Assert.Contains(world.Upstream.Seen, request => request.Headers.Values.Any(value => value.Contains(key, StringComparison.Ordinal)));
        Assert.Contains(said, text => text.Contains("may not", StringComparison.Ordinal));
        Assert.All(said, text => Assert.DoesNotContain(key, text, StringComparison.Ordinal));
        Assert.Contains(log.Lines, line => line.Contains("no whole answer", StringComparison.Ordinal));
        Assert.All(log.Lines, line => Assert.DoesNotContain(key, line, StringComparison.Ordinal));
        foreach (var stream in streams)
        {
            var rows = await world.Api.Services.GetRequiredService<IJournal>().Read(stream, 0, int.MaxValue, default);
            Assert.NotEmpty(rows);
            Assert.All(rows, row => Assert.DoesNotContain(key, Encoding.UTF8.GetString(row.Body.Span), StringComparison.Ordinal));
        }
    }

    /// <summary>Every line of every level, with its exception.</summary>
    internal sealed class AllLogged : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyList<string> Lines => [.. _lines];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
