using Agora.Core.Kernel;

namespace Agora.Core.People;

/// <summary>One row a person, so that names of strangers wake nobody. No secret.</summary>
public static class PersonTables
{
    public static readonly Table People = new("people", 2, "tenant", "person_id", "role", "owner", "disabled", "has_password", "has_second_factor", "code_until", "updated_at");

    public static Row Row(PersonState state)
    {
        var view = state.View!;
        return People.Row(
            state.Stream.Tenant, view.PersonId, view.Role, view.Owner, view.Disabled ? 1L : 0L, view.HasPassword ? 1L : 0L, view.HasSecondFactor ? 1L : 0L, view.CodeUntil?.ToMicros(), view.UpdatedAt.ToMicros());
    }
}
