using System.Diagnostics;

namespace Agora.Journal;

/// <summary>The span of a batch: child of the first command that it carries, with links to others.</summary>
internal static class BatchSpan
{
    /// <summary>A batch carries thousands, and a span is read by people.</summary>
    public const int MostLinks = 32;

    private static readonly ActivitySource Source = new("Agora.Journal");

    /// <summary>Null: nobody listens, or none of its entries belongs to a trace that is kept.</summary>
    public static Activity? Begin(Batch batch)
    {
        if (!Source.HasListeners()) return null;

        var carried = batch.Traces().Distinct().Take(MostLinks + 1).ToList();
        return carried is []
            ? null
            : Source.StartActivity("journal append", ActivityKind.Client, carried[0], links: carried.Skip(1).Select(static context => new ActivityLink(context)))
                ?.SetTag("agora.batch.rows", batch.Count).SetTag("agora.batch.entries", batch.Entries);
    }

    public static void End(Activity? span, Verdict[] verdicts)
    {
        if (span is null) return;

        if (Array.Exists(verdicts, static verdict => !verdict.IsWritten))
        {
            span.SetStatus(ActivityStatusCode.Error, "not all of it was written");
        }

        span.Dispose();
    }
}
