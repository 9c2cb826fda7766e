using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Agora.Hosting;

/// <summary>
/// Traces and log records by OTLP, set by OpenTelemetry's own variables and on where one of them names a collector. Sampling is OTEL_TRACES_SAMPLER's; unset, whoever asks decides, and what
/// begins here is kept. Baggage is neither taken over nor sent on: it is foreign text, and services are none of its business.
/// </summary>
public static class Telemetry
{
    private const string All = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <param name="redact">Takes what opens something out of a text.</param>
    public static void AddTelemetry(this WebApplicationBuilder builder, Func<string, string> redact)
    {
        builder.Services.AddSingleton<DistributedContextPropagator>(new WithoutBaggage(DistributedContextPropagator.Current));
        if (IsDisabled) return;

        if (IsSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
        {
            builder.Services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder()
                .ConfigureResource(Named).AddSource("Microsoft.AspNetCore", "Microsoft.Orleans.Application", "Agora.*").AddProcessor(new RedactedSpans(redact)).AddOtlpExporter().Build());
            builder.Services.AddHostedService<Tracing>();
        }

        if (IsSet("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"))
        {
            builder.Logging.AddOpenTelemetry(logs =>
            {
                logs.IncludeFormattedMessage = true;
                logs.SetResourceBuilder(Resource()).AddProcessor(new RedactedRecords(redact)).AddOtlpExporter();
            });
        }
    }

    private static bool IsDisabled => string.Equals(Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    private static bool IsSet(string own) => Environment.GetEnvironmentVariable(own) is { Length: > 0 } || Environment.GetEnvironmentVariable(All) is { Length: > 0 };

    private static ResourceBuilder Resource() => ResourceBuilder.CreateDefault().Configured();

    private static void Named(ResourceBuilder resource) => resource.Configured();

    // OTEL_SERVICE_NAME goes before it.
    private static ResourceBuilder Configured(this ResourceBuilder resource) =>
        resource.AddService("agora", autoGenerateServiceInstanceId: true).AddEnvironmentVariableDetector();

    /// <summary>Begins with the process, not with the first who asks for it; what is still to be sent leaves when it is disposed.</summary>
    private sealed class Tracing(TracerProvider provider) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.Run(() => provider.ForceFlush(), cancellationToken);
    }
}

/// <summary>Takes over and sends on traceparent and tracestate, and no baggage.</summary>
internal sealed class WithoutBaggage(DistributedContextPropagator inner) : DistributedContextPropagator
{
    public override IReadOnlyCollection<string> Fields { get; } = ["traceparent", "tracestate"];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) => inner.Inject(activity, carrier, (to, name, value) =>
    {
        if (Fields.Contains(name))
        {
            setter?.Invoke(to, name, value);
        }
    });

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}

/// <summary>No span has what opens something.</summary>
internal sealed class RedactedSpans(Func<string, string> redact) : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        foreach (var (name, value) in data.TagObjects.ToList())
        {
            if (value is string text && redact(text) is var shown && shown != text)
            {
                data.SetTag(name, shown);
            }
        }
    }
}

/// <summary>A log record names its request, as a line of the log does, and has nothing that opens something.</summary>
internal sealed class RedactedRecords(Func<string, string> redact) : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        data.FormattedMessage = data.FormattedMessage is { } message ? redact(message) : null;
        List<KeyValuePair<string, object?>> attributes = [.. (data.Attributes ?? []).Select(pair => pair.Value is string text ? new(pair.Key, redact(text)) : pair)];
        if (data.TraceId != default)
        {
            attributes.Add(new("request_id", RequestId(data.TraceId)));
        }

        data.Attributes = attributes;
        if (data.Exception is { } failure && redact(failure.ToString()) is var told && told != failure.ToString())
        {
            data.Exception = null;
            attributes.Add(new("exception.stacktrace", told));
        }
    }

    // Where nobody gave one the trace's id is the request's.
    private static string RequestId(ActivityTraceId trace)
    {
        for (var span = Activity.Current; span is not null; span = span.Parent)
        {
            if (span.GetTagItem("agora.request_id") is string given) return given;
        }

        return trace.ToHexString();
    }
}
