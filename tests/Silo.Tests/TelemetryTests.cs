using System.Diagnostics;
using Agora.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Agora.Silo.Tests;

/// <summary>What leaves by OTLP has nothing that opens something, and no foreign text.</summary>
public sealed class TelemetryTests
{
    private const string Link = "https://agora.example/console/enter/aul_alice.1893456000.c2VjcmV0";
    private const string Told = "https://agora.example/console/enter/aul_…";

    [Fact]
    public void What_opens_something_is_taken_out_of_a_span_and_all_else_stays()
    {
        using var span = new Activity("GET");
        span.SetTag("url.full", Link).SetTag("http.route", "/console/enter/{link}").SetTag("http.response.status_code", 200);

        using var processor = new RedactedSpans(Redact);
        processor.OnEnd(span);

        Assert.Equal([new("url.full", Told), new("http.route", "/console/enter/{link}"), new("http.response.status_code", 200)], span.TagObjects);
    }

    [Fact]
    public void What_opens_something_is_taken_out_of_the_message_the_attributes_and_the_exception_of_a_record()
    {
        var (message, attributes, exception) = Logged(new InvalidOperationException($"at {Link}"), Link);

        Assert.Equal($"GET {Told} failed", message);
        Assert.Equal(Told, attributes["Address"]);
        Assert.Null(exception);
        Assert.Contains($"at {Told}", Assert.IsType<string>(attributes["exception.stacktrace"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_opens_nothing_stays_as_it_is()
    {
        var failure = new InvalidOperationException("at /users");
        var (message, attributes, exception) = Logged(failure, "/users");

        Assert.Equal(("GET /users failed", "/users", failure), (message, attributes["Address"], exception));
        Assert.False(attributes.ContainsKey("exception.stacktrace"));
    }

    [Fact]
    public void Baggage_is_neither_sent_on_nor_taken_over()
    {
        using var span = new Activity("GET").AddBaggage("user", "alice").Start();
        span.TraceStateString = "vendor=1";
        var propagator = new WithoutBaggage(DistributedContextPropagator.CreateDefaultPropagator());
        var sent = new Dictionary<string, string>();
        propagator.Inject(span, sent, static (to, name, value) => ((Dictionary<string, string>)to!)[name] = value);

        Assert.Equal(["traceparent", "tracestate"], sent.Keys.Order(StringComparer.Ordinal));
        Assert.Null(propagator.ExtractBaggage(sent, static (object? _, string _, out string? value, out IEnumerable<string>? values) => (value, values) = ("user=alice", null)));
    }

    private static string Redact(string text) => text.Replace(Link, Told, StringComparison.Ordinal);

    private static (string? Message, IReadOnlyDictionary<string, object?> Attributes, Exception? Exception) Logged(Exception failure, string address)
    {
        var kept = new Kept();
        using (var factory = LoggerFactory.Create(logging => logging.AddOpenTelemetry(telemetry =>
        {
            telemetry.IncludeFormattedMessage = true;
            telemetry.AddProcessor(new RedactedRecords(Redact)).AddProcessor(kept);
        })))
        {
            factory.CreateLogger("Agora.Tests").LogError(failure, "GET {Address} failed", address);
        }

        return (kept.Message, kept.Attributes, kept.Exception);
    }

    /// <summary>A record is another one's afterwards, so what it says is kept at once.</summary>
    private sealed class Kept : BaseProcessor<LogRecord>
    {
        public string? Message { get; private set; }

        public IReadOnlyDictionary<string, object?> Attributes { get; private set; } = new Dictionary<string, object?>();

        public Exception? Exception { get; private set; }

        public override void OnEnd(LogRecord data) => (Message, Attributes, Exception) = (data.FormattedMessage, data.Attributes!.ToDictionary(static pair => pair.Key, static pair => pair.Value), data.Exception);
    }
}
