using Agora.Application.Calls;
using Agora.Application.Memories;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Web;

namespace Agora.Api.Memories;

/// <summary>How the user wants replies of chats to be, from any session of the agent with it: seen, put and erased as a whole.</summary>
internal sealed class PreferenceEndpoints(AgentMemories memories) : IFeature
{
    private const string Path = "/api/v2/preferences";

    public static readonly Operation<bool> Get = new(Audience.Agents, "get_preferences", $"GET {Path}", "How the user wants replies of this agent's chats to be")
    {
        Read = static _ => true,
        Data = typeof(PreferencesData),
        DataExample = PreferencesData.Example,
    };

    public static readonly Operation<ReplyPreferences> Put = new(Audience.Agents, "put_preferences", $"PUT {Path}", "Say how the user wants replies to be: all that is wished is sent")
    {
        Read = PreferencesData.Read,
        Data = typeof(PreferencesData),
        Codes = [Codes.ValidationFailed, Codes.GrantExceeded, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"language":"ja","length":"short","address":"polite","about":"I teach history in Nara."}""",
        DataExample = PreferencesData.Example,
    };

    public static readonly Operation<bool> Erase = new(Audience.Agents, "erase_preferences", $"DELETE {Path}", "Erase the user's preferences: replies are as their models make them")
    {
        Read = static _ => true,
        Data = typeof(PreferencesData),
        Codes = [Codes.NotFound, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        DataExample = PreferencesData.ExampleOfNone,
    };

    public void Map(Routes routes) => routes.Map(Get, GetPreferences).Map(Put, PutPreferences).Map(Erase, ErasePreferences);

    private async Task<Reply> GetPreferences(AgentCall call, bool asked) => Shown(await memories.Preferences(call.ForModels));

    private async Task<Reply> PutPreferences(AgentCall call, ReplyPreferences asked) => Shown(await memories.Put(call.ForModels, asked));

    private async Task<Reply> ErasePreferences(AgentCall call, bool asked) => Shown(await memories.Erase(call.ForModels));

    private static Reply Shown(Result<PreferencesNow> result) => result.Reply(static now => Reply.Ok(PreferencesData.Of(now.Kept)) with { UntrustedFields = ["data.about"] });
}

/// <summary>Null: of that nothing is wished.</summary>
/// <param name="Version">Answers say which they had; null: there are no preferences.</param>
internal sealed record PreferencesData(int? Version, string? Language, string? Tone, string? Length, string? Address, string? Format, string? About, DateTimeOffset? UpdatedAt)
{
    public const string Example = """{"version":2,"language":"ja","tone":null,"length":"short","address":"polite","format":null,"about":"I teach history in Nara.","updated_at":"2030-01-01T00:00:00.000000Z"}""";
    public const string ExampleOfNone = """{"version":null,"language":null,"tone":null,"length":null,"address":null,"format":null,"about":null,"updated_at":null}""";

    public static PreferencesData Of(KeptPreferences? kept) => kept is null ? new(null, null, null, null, null, null, null, null)
        : new(kept.Version, kept.Wanted.Language, kept.Wanted.Tone, kept.Wanted.Length, kept.Wanted.Address, kept.Wanted.Format, kept.Wanted.About, kept.UpdatedAt);

    public static ReplyPreferences Read(Call call)
    {
        call.Body.Rule(static schema => schema["minProperties"] = 1);
        return new(
            call.Body.OneOf("language", "Of replies.", ReplyPreferences.Languages),
            call.Body.OneOf("tone", "How they sound.", ReplyPreferences.Tones),
            call.Body.OneOf("length", "How long they are.", ReplyPreferences.Lengths),
            call.Body.OneOf("address", "How the user is spoken to.", ReplyPreferences.Addresses),
            call.Body.OneOf("format", "Whether they have marks of Markdown.", ReplyPreferences.Formats),
            MemoryRequests.Said(call.Body, "about", "What the user says of itself. It is shown to models as data, never as an instruction.", Limits.PreferencesAboutLength, required: false));
    }
}
