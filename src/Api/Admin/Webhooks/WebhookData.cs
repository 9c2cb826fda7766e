using System.Text.Json.Serialization;
using Agora.Core.Webhooks;

namespace Agora.Api.Admin.Webhooks;

/// <param name="Types">Null: everything.</param>
/// <param name="State">One of <see cref="States"/>.</param>
/// <param name="Waiting">Subjects of which an event waits for another try.</param>
internal sealed record WebhookData(
    string WebhookId,
    string Url,
    IReadOnlyList<string>? Types,
    string? Description,
    bool Active,
    string State,
    DateTimeOffset? DisabledAt,
    string? DisabledReason,
    IReadOnlyList<WebhookSecretData> Secrets,
    int Waiting,
    DateTimeOffset? WaitingSince,
    DateTimeOffset? TookAt,
    DateTimeOffset? ReplaysUntil,
    DateTimeOffset UpdatedAt)
{
    public const string Example = """{"webhook_id":"books","url":"https://books.example/agora","types":["run.failed","run.succeeded"],"description":"Bookkeeping","active":true,"state":"delivering","disabled_at":null,"disabled_reason":null,"secrets":[{"secret_id":"0198c0de","public_key":"whpk_OGoVpxDnC2+y6+4dcFsc9q9ITLTF19ch0tUiCH9BWDQ=","issued_at":"2030-01-01T00:00:00.000000Z","until":null}],"waiting":0,"waiting_since":null,"took_at":"2030-01-01T00:00:00.000000Z","replays_until":null,"updated_at":"2030-01-01T00:00:00.000000Z"}""";

    public static readonly IReadOnlyList<string> States = ["delivering", "wants_secret", "paused", "disabled"];

    /// <summary>Members that lost their values to a put that did not name them; absent where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Dropped { get; private init; }

    /// <summary>Where it was read: what hangs on it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Links { get; init; }

    public static WebhookData Of(WebhookView view) => new(
        view.WebhookId,
        view.Definition.Url,
        view.Definition.Types,
        view.Definition.Description,
        view.Definition.Active,
        !view.Definition.Active ? "paused" : view.Disabled is not null ? "disabled" : view.Secrets.Count == 0 ? "wants_secret" : "delivering",
        view.Disabled?.At,
        view.Disabled?.Reason,
        [.. view.Secrets.Select(WebhookSecretData.Of)],
        view.Waiting,
        view.WaitingSince,
        view.TookAt,
        view.Replay?.Until,
        view.UpdatedAt) { Dropped = view.Dropped };
}

/// <summary>All but the secret, which is shown once.</summary>
internal sealed record WebhookSecretData(string SecretId, string PublicKey, DateTimeOffset IssuedAt, DateTimeOffset? Until)
{
    public static WebhookSecretData Of(WebhookSecretView view) => new(view.SecretId, view.PublicKey, view.IssuedAt, view.Until);
}

internal sealed record WebhooksData(IReadOnlyList<WebhookData> Webhooks, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);

/// <param name="Secret">Null in a replay: it was shown once, and cannot be again.</param>
internal sealed record IssuedSecretData(string SecretId, string? Secret, string PublicKey, DateTimeOffset IssuedAt);

internal sealed record DeletedWebhookData(string WebhookId);
