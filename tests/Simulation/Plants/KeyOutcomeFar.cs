using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Plants;

/// <summary>A key stays with the row that opened its command, and its outcome is looked for in a few rows behind it: what was decided further on is decided again.</summary>
public sealed class KeyOutcomeFar : Plant
{
    private const int LookBehind = 2;

    public override string Name => "key-outcome-far";

    public override IJournal Between(IJournal journal, TaskScheduler process) => new ShortSighted(journal);

    private sealed class ShortSighted(IJournal journal) : DelegatingJournal(journal)
    {
        private readonly HashSet<(string Stream, long Seq)> _found = [];

        public override Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel) =>
            base.Append([.. batch.Select(append => append with { Decides = [] })], again, cancel);

        public override async Task<ClientKey?> FindKey(string tenant, string credential, string key, CancellationToken cancel)
        {
            var found = await base.FindKey(tenant, credential, key, cancel);
            if (found is not null)
            {
                _found.Add((found.Stream, found.Seq));
            }

            return found;
        }

        /// <summary>The first page behind a key's row is whoever looks for its outcome; a page that is not full is the last.</summary>
        public override Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel) =>
            base.Read(stream, afterSeq, limit > 1 && _found.Remove((stream, afterSeq)) ? LookBehind : limit, cancel);
    }
}
