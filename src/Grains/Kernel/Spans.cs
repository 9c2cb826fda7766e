using System.Diagnostics;
using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Grains.Kernel;

/// <summary>
/// Spans of what entities do. Where they belong travels in the envelope: a mailbox does not keep what is ambient. With nobody listening each is one look at a field.
/// They name kinds, commands and codes, never a person: a trace leaves for a store from which nobody is erased.
/// </summary>
internal static class Spans
{
    private static readonly ActivitySource Source = new("Agora.Grains");

    /// <summary>From here until it is answered. Null: nobody listens, or it belongs to no trace, as what an alarm begins.</summary>
    public static Activity? Of(StreamId stream, Envelope envelope)
    {
        if (!Source.HasListeners() || !ActivityContext.TryParse(envelope.Trace, traceState: null, isRemote: false, out var parent)) return null;

        var ambient = Activity.Current;
        var span = Source.StartActivity($"{stream.Kind} {envelope.Body.GetType().Name}", ActivityKind.Internal, parent);
        Activity.Current = ambient;
        span?.SetTag("agora.command_id", envelope.CommandId.ToString("N"));
        return span;
    }

    /// <summary>What it was decided on is durable, by this batch: one serves many, so it is the child of one of them and a link of the others.</summary>
    public static void Carried(Activity? span, Activity? batch)
    {
        if (span is null || batch is null) return;

        span.AddEvent(new("durable"));
        if (batch.ParentSpanId != span.SpanId)
        {
            span.AddLink(new(batch.Context));
        }
    }

    public static void End(Activity? span, object body)
    {
        if (span is null) return;

        switch (body)
        {
            case Answer { Rejection: { } refused }:
                span.SetTag("agora.rejection", refused.Code);
                break;
            case OperatingFailure failed:
                span.SetStatus(ActivityStatusCode.Error, failed.Kind.ToString());
                break;
        }

        var ambient = Activity.Current;
        span.Dispose();
        Activity.Current = ambient;
    }
}
