using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Plants;

/// <summary>Appends are acknowledged when they are sent, and written afterwards, in order.</summary>
public sealed class ReplyBeforeDurable : Plant
{
    public override string Name => "reply-before-durable";

    public override IJournal Between(IJournal journal, TaskScheduler process) => new Hasty(journal, process);

    private sealed class Hasty(IJournal journal, TaskScheduler process) : DelegatingJournal(journal)
    {
        private Task _last = Task.CompletedTask;

        public override Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
        {
            var before = _last;
            _last = Task.Factory.StartNew(() => Later(before, batch), CancellationToken.None, TaskCreationOptions.DenyChildAttach, process).Unwrap();
            return Task.FromResult<IReadOnlyList<AppendOutcome>>([.. batch.Select(_ => AppendOutcome.Written)]);
        }

        private async Task Later(Task before, IReadOnlyList<StreamAppend> batch)
        {
            await before;
            try
            {
                await base.Append(batch, again: false, CancellationToken.None);
            }
            catch (Exception lost) when (lost is JournalUnavailableException or JournalUnknownException)
            {
                // Nobody waits any longer: that is the bug.
            }
        }
    }
}
