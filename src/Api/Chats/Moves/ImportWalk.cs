using Agora.Api.Http;
using Agora.Api.Models;
using Agora.Core.Sessions;

namespace Agora.Api.Chats.Moves;

/// <summary>
/// Finds turns of an older chat among those that stand here, by what they say: from a turn to one that follows it, as long as there is one. So what was imported before is found, and what was said here and written back there, too; nothing
/// has to remember what came from where.
/// </summary>
internal sealed class ImportWalk(KeptReplies kept)
{
    /// <returns>Numbers of those that are there, from the first on.</returns>
    public async Task<IReadOnlyList<int>> Known(AgentCall call, SessionView session, ChatBook? book, ImportRequest asked)
    {
        if (book is null) return [];

        var (following, known, at) = (book.Turns.ToLookup(static turn => turn.After), new List<int>(), asked.After);
        foreach (var given in asked.Turns)
        {
            if (await First(call, session, following[at], given) is not { } same) break;

            known.Add(at = same.Number);
        }

        return known;
    }

    private async Task<SaidTurn?> First(AgentCall call, SessionView session, IEnumerable<SaidTurn> turns, ImportedTurn given)
    {
        foreach (var turn in turns)
        {
            if (turn.Words is { } words && words.Text == (given.Text ?? "") && Instructed(turn, given) && (await turn.ReplyText(kept, call, session) ?? "") == (given.Reply ?? ""))
            {
                return turn;
            }
        }

        return null;
    }

    /// <summary>What was said here may be written there without what the model was told to be.</summary>
    private static bool Instructed(SaidTurn turn, ImportedTurn given) => turn.Elsewhere is null || turn.Words!.Instructions == given.Instructions;
}
