namespace Agora.Api.Admin.Search;

/// <param name="Results">What has exactly this id comes first.</param>
/// <param name="EmptyBecause">Null: something was found.</param>
internal sealed record SearchData(IReadOnlyList<HitData> Results, int Limit, string? EmptyBecause)
{
    public const string Example = $$"""{"results":[{{HitData.Example}}],"limit":20,"empty_because":null}""";
}

/// <param name="Href">Where it stands; of what has no page of its own, the list that has it.</param>
internal sealed record HitData(string Kind, string Id, string Href, string Matched, string Summary)
{
    public const string Example =
        """{"kind":"payment","id":"0198c0de-0000-7000-8000-000000000001","href":"/admin/payments/0198c0de-0000-7000-8000-000000000001","matched":"id","summary":"25 cents, posted: summary for user-1 by agent-1, 2030-01-01T00:00:01.000000Z"}""";
}

/// <summary>By what a thing was found.</summary>
internal static class Matched
{
    public const string Id = "id";
    public const string IdPrefix = "id_prefix";
    public const string IdempotencyKey = "idempotency_key";
    public const string TxHash = "tx_hash";
    public const string Amount = "amount";
    public const string Name = "name";
    public const string Owner = "owner";
    public const string Sponsor = "sponsor";
}
