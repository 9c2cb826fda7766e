namespace Agora.Core.Access;

/// <summary>What a user's grant has to allow before a model is called.</summary>
public static class ModelConsents
{
    /// <summary>The provider keeps what it is sent for purposes of its own.</summary>
    public const string DataRetention = "data_retention";

    public static bool AdmitsRetention(this Scopes scopes) => ScopeRules.Covers(scopes.Consents, DataRetention);
}
