using Agora.Journal;
using Agora.Testing;

namespace Agora.Api.Tests.Support;

/// <summary>A journal whose appends to sessions are held, or broken, before or behind the writing.</summary>
internal sealed class HookedJournal(IJournal inner) : DelegatingJournal(inner)
{
    private const string Sessions = "default/session/";

    public Func<Task>? Before { get; set; }

    public Func<Task>? Behind { get; set; }

    public override async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
    {
        var isHooked = batch.Any(append => append.Row is not null && append.Stream.StartsWith(Sessions, StringComparison.Ordinal));
        if (isHooked && Before is { } before)
        {
            await before();
        }

        var outcome = await base.Append(batch, again, cancel);
        if (isHooked && Behind is { } behind)
        {
            await behind();
        }

        return outcome;
    }
}
