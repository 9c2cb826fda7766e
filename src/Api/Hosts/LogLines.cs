using System.Buffers;
using System.Data.Common;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Journal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Agora.Api.Hosts;

/// <summary>
/// The log: one JSON object a line, with its time (RFC 3339, UTC). What a database or network that is away makes fail is told by its message, without a
/// stack, and at most once in <see cref="Window"/> a kind of line; other warnings at most <see cref="WarningsAWindow"/> times. The next line of that kind says how
/// many were left out. Defects have their stacks, always.
/// </summary>
internal sealed class LogLines(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "agora";
    public const int WarningsAWindow = 10;
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Category, int EventId), Said> _said = [];

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var outage = entry.Exception is { } failure && IsOutage(failure);
        if (!MayBeSaid(entry.LogLevel, entry.Category, entry.EventId.Id, outage, out var leftOut)) return;

        var line = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("Timestamp", Rfc3339.Format(time.GetUtcNow()));
            json.WriteString("LogLevel", entry.LogLevel.ToString());
            json.WriteString("Category", entry.Category);
            json.WriteNumber("EventId", entry.EventId.Id);
            json.WriteString("Message", entry.Formatter(entry.State, null));
            if (entry.Exception is { } thrown)
            {
                json.WriteString("Exception", outage ? $"{thrown.GetType().Name}: {thrown.Message}" : thrown.ToString());
            }

            if (leftOut > 0)
            {
                json.WriteNumber("LeftOut", leftOut);
            }

            if (entry.State is IReadOnlyCollection<KeyValuePair<string, object?>> state)
            {
                json.WriteStartObject("State");
                WriteAll(json, state);
                json.WriteEndObject();
            }

            WriteScopes(json, scopeProvider);
            json.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.UTF8.GetString(line.WrittenSpan));
    }

    private static void WriteScopes(Utf8JsonWriter json, IExternalScopeProvider? scopes)
    {
        json.WriteStartArray("Scopes");
        scopes?.ForEachScope(
            static (scope, json) =>
            {
                if (scope is IEnumerable<KeyValuePair<string, object?>> named)
                {
                    json.WriteStartObject();
                    WriteAll(json, named);
                    json.WriteEndObject();
                }
                else if (scope is not null)
                {
                    json.WriteStringValue(Text(scope));
                }
            },
            json);
        json.WriteEndArray();
    }

    private static void WriteAll(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, object?>> named)
    {
        foreach (var (name, value) in named)
        {
            json.WriteString(name, value is null ? null : Text(value));
        }
    }

    private static string? Text(object value) => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture);

    private bool MayBeSaid(LogLevel level, string category, int eventId, bool outage, out int leftOut)
    {
        leftOut = 0;
        if (!outage && level != LogLevel.Warning) return true;

        var now = time.GetTimestamp();
        lock (_gate)
        {
            var said = _said.GetValueOrDefault((category, eventId));
            if (said is null || time.GetElapsedTime(said.Since, now) >= Window)
            {
                leftOut = said?.LeftOut ?? 0;
                _said[(category, eventId)] = new(now) { Lines = 1 };
                return true;
            }

            if (said.Lines >= (outage ? 1 : WarningsAWindow))
            {
                said.LeftOut++;
                return false;
            }

            said.Lines++;
            return true;
        }
    }

    private static bool IsOutage(Exception e) => e switch
    {
        AggregateException many => many.InnerExceptions.All(IsOutage),
        JournalUnavailableException or JournalUnknownException or OperatingException => true,
        DbException or SocketException or IOException or TimeoutException => true,
        _ => false,
    };

    private sealed class Said(long since)
    {
        public long Since { get; } = since;

        public int Lines { get; set; }

        public int LeftOut { get; set; }
    }
}
