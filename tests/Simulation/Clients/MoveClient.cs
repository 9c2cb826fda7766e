using System.Globalization;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Moves;
using Agora.Core.Users;

namespace Agora.Simulation.Clients;

/// <summary>
/// Somebody who moves users in from an older chat, as the API does: reads how far what is said there stands here, and has the rest stand here, while others do the same and its person goes on at both sides.
/// </summary>
public sealed class MoveClient : Caller
{
    /// <summary>Of each tenant.</summary>
    public const int Processes = 2;

    private const string Agent = "agent-1";
    private const int Sessions = 2;
    private const int MostAtOnce = 4;

    public MoveClient(Tenant tenant, int number)
        : base(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 227) + 179 + (1_000_003 * tenant.Number) + (7_919 * number))))
    {
    }

    public async Task Live()
    {
        while (await GoesOn(2 * Cluster.Options.Think))
        {
            var (user, old) = (Any(Tenant.Catalogue.Users), $"old-{Random.Next(Sessions)}");
            var chatId = Ids.FromKey(Tenant.Name, $"chat.import\n{Agent}\n{user}", old);
            var (chat, move) = (OwnedIds.Of(chatId, user), MoveIds.Of(Agent, user));
            if (!Tenant.Imports.There.TryGetValue(chat, out var there))
            {
                Tenant.Imports.There[chat] = there = [];
                (Tenant.Chats.Known.TryGetValue($"{user}/{Agent}", out var chats) ? chats : Tenant.Chats.Known[$"{user}/{Agent}"] = []).Add(chatId); // its person says something in it
            }

            for (var more = Random.Next(3); more > 0; more--) there.Add($"{user} said there {Cluster.NewId()}");

            await Move(move, new MoveCommand.Know(MoveIds.SessionOf(old)));
            if (await Import(chatId, chat, there) && Random.Next(8) > 0)
            {
                await Move(move, new MoveCommand.Come(MoveIds.SessionOf(old)));
            }

            if (Random.Next(4) == 0)
            {
                await Move(move, new MoveCommand.Switch(Any(MoveSides.All)));
            }
        }
    }

    /// <returns>All that is there stands here.</returns>
    private async Task<bool> Import(Guid chatId, string chat, List<string> there)
    {
        while (!Cluster.Closing)
        {
            Cluster.History.CatchUp();
            var (turns, known) = Tenant.Imports.Walk(chat);
            var missing = there.Skip(known.Count).Take(Random.Next(1, MostAtOnce)).ToList();
            if (missing.Count == 0) return there.Count > 0;

            var ids = missing.Select((_, i) => new ChatImportedTurn(Ids.FromKey(Tenant.Name, $"chat.turn\n{chatId:N}", (turns + i + 1).ToString(CultureInfo.InvariantCulture)), null, null)).ToList();
            var words = Personal.Of<IReadOnlyList<ChatImportedWords>>([.. missing.Select(static text => new ChatImportedWords(text, "yes", Model: "flask"))]);
            var command = new ChatCommand.Import(Agent, turns, known.Count == 0 ? 0 : known[^1], "m", ids, words);
            var answer = await Ask(Entities.Chat(chat), command, NewSending(), $"What comes to {chat}", given => given.Reply is ChatTurnKept { Number: var last } ? history => history.Count<ChatEvent.Imported>(Stream(Kinds.Chat, chat), (e, _) => e.Last == last) : null);
            Cluster.History.CatchUp();
            var isErased = answer?.Reply is ChatTurnKept && Tenant.Imports.Walk(chat).Known.Count == known.Count;
            if (isErased || answer?.Rejection is { Code: not Codes.PreconditionFailed } || Random.Next(10) == 0) return false; // or it is killed
        }

        return false;
    }

    private Task<Answer?> Move(string move, MoveCommand command) =>
        Change<MoveEvent, MoveCommand>(Entities.Move(move), command, Agent, $"{command.GetType().Name} of {move}");
}
