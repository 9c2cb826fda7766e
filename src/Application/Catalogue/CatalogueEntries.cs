using System.Security.Cryptography;
using System.Text.Json;
using Agora.Application.Values;
using Agora.Core.Campaigns;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Application.Catalogue;

/// <summary>A service as this process knows it.</summary>
internal sealed record ServiceEntry(string ServiceId, ServiceDefinition Definition, bool Disabled, DateTimeOffset UpdatedAt, long Overcharges = 0, DateTimeOffset? RetryAt = null)
{
    public static ServiceEntry Of(ServiceView view) => new(view.ServiceId, view.Definition, view.Disabled, view.UpdatedAt, view.Overcharges, view.RetryAt);

    public bool IsRunnable => Definition.Active && !Disabled;

    public ServiceTerms Terms => field ??= new(ServiceId, Definition.Category, Definition.PriceMicros, Definition.Provider, Definition.Owner, Disabled, Definition.Metered, Definition.Agent, Definition.IsAsked, Definition.Tool is not null, Definition.ModelProvider is not null);
}

/// <summary>
/// A campaign as this process knows it: its definition, as of the last operator's act, and whether it is exhausted. Escrow and counts move with every run; they
/// are the campaign's own to tell, so they are not here.
/// </summary>
/// <param name="ShortMicros">It pays nothing of this price or above; null: no such amount is known.</param>
/// <param name="IsFull">It takes no more completions.</param>
internal sealed record CampaignEntry(string CampaignId, CampaignDefinition Definition, bool Closed, DateTimeOffset UpdatedAt, long? ShortMicros = null, bool IsFull = false)
{
    public static CampaignEntry Of(CampaignView view) =>
        new(view.CampaignId, view.Definition, view.Closed, view.UpdatedAt, view.ShortMicros, view.Completions >= view.Definition.MaxCompletions);

    /// <summary>What its task asks of a caller, whom it is for, and when: alike in campaigns that ask the same. A digest, for targeting alone may take a whole body, and groups of campaigns are compared by it.</summary>
    public string Asks => field ??= Convert.ToBase64String(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new
    {
        Definition.Task.Type, Definition.Task.DataTypes, Definition.Task.Consents, Definition.Targeting, Definition.StartsAt, Definition.EndsAt,
    })));

    public bool IsOpen(DateTimeOffset now) =>
        Definition.Active && !Closed && !(now < Definition.StartsAt) && !(now >= Definition.EndsAt);

    /// <summary>Its money reaches for this much, as far as is known here.</summary>
    public bool HasLeft(long amountMicros) => amountMicros == 0 || !(amountMicros >= ShortMicros);

    /// <summary>It has the service's owner, and does not pay for such services.</summary>
    public bool IsRelated(ServiceEntry service) => Definition is { AllowRelated: false, Owner: { } owner } && owner == service.Definition.Owner;

    /// <summary>Whether it would pay this price for this service, as far as its definition goes.</summary>
    public bool Covers(ServiceEntry service)
    {
        if (IsRelated(service)) return false;

        foreach (var covered in Definition.Services)
        {
            if (covered.ServiceId == service.ServiceId) return !(service.Definition.PriceMicros > covered.MaxPriceMicros);
        }

        return false;
    }

    /// <summary>The same, of a campaign that goes on.</summary>
    public bool WouldPayFor(ServiceEntry service) => Definition.Active && !Closed && Covers(service);

    /// <summary>The SHA-256 of the task's schema as agents read it, in lower-case hexadecimal.</summary>
    private string TaskSchemaSha256 => field ??= Convert.ToHexStringLower(SHA256.HashData(RawJson.Of(Definition.Task.Schema)!.Utf8.Span));

    /// <summary>The names of what is submitted for the task, without values. A member that the schema does not declare is left out, because its name may be something that a person said.</summary>
    public TaskOutline OutlineOf(JsonElement output)
    {
        using var schema = JsonDocument.Parse(Definition.Task.Schema);
        var declared = schema.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object ? properties : default;
        IEnumerable<string> members = declared.ValueKind != JsonValueKind.Object || output.ValueKind != JsonValueKind.Object ? [] : declared.EnumerateObject().Select(static member => member.Name).Where(name => output.TryGetProperty(name, out _));
        return new(Definition.Task.Name, [.. members.Order(StringComparer.Ordinal)], TaskSchemaSha256);
    }

    public TaskTerms Terms(DateTimeOffset now) =>
        new(CampaignId, Definition.Task.Type, Definition.Task.DataTypes, Definition.Task.Consents, Definition.Targeting, IsOpen(now));

    public Candidate Candidate => field ??= new(
        CampaignId, Definition.Sponsor, Definition.RunsPerCompletion, Definition.MaxMicrosPerUser, Definition.EndsAt, Definition.Owner, NeedsAttributes: Definition.Targeting.Count > 0);
}
