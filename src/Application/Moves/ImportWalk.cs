using Agora.Application.Calls;
using Agora.Application.Chats;
using Agora.Application.Models;
using Agora.Core.Sessions;

namespace Agora.Application.Moves;

/// <summary>
/// Finds turns of an older chat among those that stand here, by what they say: from a turn to one that follows it, as long as there is one. So what was imported before is found, and what was said here and written back there, too; nothing
/// has to remember what came from where. Where several say the same it is the way that goes farthest, and of those the first.
/// </summary>
internal sealed class ImportWalk(KeptReplies kept)
{
    /// <returns>Numbers of those that are there, from the first on; and of all that say the same in their places.</returns>
    public async Task<(IReadOnlyList<int> Known, IReadOnlySet<int> Same)> Known(ModelCaller call, SessionView session, ChatBook? book, ImportRequest asked)
    {
        var same = new HashSet<int>();
        if (book is null) return ([], same);

        var (following, at) = (book.Turns.ToLookup(static turn => turn.After), new List<SaidTurn>());
        foreach (var given in asked.Turns)
        {
            var next = new List<SaidTurn>();
            foreach (var turn in at.Count == 0 ? following[asked.After] : at.SelectMany(turn => following[turn.Number]))
            {
                if (await IsSame(call, session, turn, given))
                {
                    next.Add(turn);
                }
            }

            if (next.Count == 0) break;

            at = next;
            same.UnionWith(next.Select(static turn => turn.Number));
        }

        return (at.Count == 0 ? [] : [.. book.Branch(at[0].Number).Select(static turn => turn.Number).SkipWhile(number => number <= asked.After)], same);
    }

    private async Task<bool> IsSame(ModelCaller call, SessionView session, SaidTurn turn, ImportedTurn given) =>
        turn.Words is { } words && words.Text == (given.Text ?? "") && Instructed(turn, given) && (await turn.ReplyText(kept, call, session) ?? "") == (given.Reply ?? "");

    /// <summary>What was said here may be written there without what the model was told to be.</summary>
    private static bool Instructed(SaidTurn turn, ImportedTurn given) => turn.Elsewhere is null || turn.Words!.Instructions == given.Instructions;
}
