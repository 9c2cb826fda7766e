using Agora.Core.Funds;
using Agora.Core.Upstreams;

namespace Agora.Application.Values;

/// <summary>Ids that stand in paths: what each names, and the form that it has.</summary>
internal static class PathIds
{
    public static string Pattern(string name) => name switch
    {
        "wallet_id" or "entity_id" => DisplayText.WalletIdPattern,
        "upstream_id" => ToolNames.UpstreamIdPattern,
        _ => DisplayText.IdPattern,
    };

    public static bool IsId(string name, string id) => name switch
    {
        "wallet_id" or "entity_id" => id == WalletIds.World || WalletIds.IsId(id),
        "upstream_id" => ToolNames.IsUpstreamId(id),
        _ => DisplayText.IsId(id),
    };

    /// <summary>An id that we gave: it has one spelling, in small letters.</summary>
    public static bool IsGuid(string id, out Guid guid) => Guid.TryParseExact(id, "D", out guid) && id == guid.ToString("D");

    public static string Meaning(string name) => name switch
    {
        "agent_id" => "The agent.",
        "campaign_id" => "The campaign, whose task it is.",
        "chat_id" => "The chat.",
        "completion_id" => "What an agent has done for the campaign.",
        "consent_id" => "The consent.",
        "conversation_id" => "The conversation.",
        "entity_id" => "The thing, by its id.",
        "event_id" => "The event, by the id that its deliveries have.",
        "hash" => "SHA-256 of the file's bytes, in lower-case hexadecimal digits.",
        "key_id" => "The key, by the id that it was issued with.",
        "kind" => "Of what kind the thing is, as its stream is named: user, session, campaign, service, wallet, agent, payment, webhook, upstream, conversation, chat, attachment, person.",
        "memory_id" => "The memory.",
        "number" => "The message, by its number in the conversation.",
        "payment_id" => "The payment of a run.",
        "person_id" => "The person who signs in with a password.",
        "play_id" => "The play: its chat has the same id.",
        "run_id" => "The run.",
        "refusal_id" => "The refusal.",
        "scenario_id" => "The scenario.",
        "sequence" => "The row, by its number in the thing's stream.",
        "service_id" => "The service.",
        "session_id" => "The session.",
        "turn" => "The turn, by its number in the chat.",
        "upstream_id" => "The upstream, with whose id the names of its tools begin.",
        "user_id" => "The user.",
        "wallet_id" => "The wallet; world is where all money comes from.",
        "report_id" => "The report.",
        "version" => "The version, by its number.",
        "watch_id" => "The dialogue.",
        "webhook_id" => "The webhook.",
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Nothing is called so in a path."),
    };
}
