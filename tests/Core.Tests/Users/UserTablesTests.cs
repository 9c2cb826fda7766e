using Agora.Core.Kernel;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

public sealed class UserTablesTests
{
    private static readonly long Now = UserTest.Start.ToMicros();

    private const string Scopes = """{"task_types":["*"],"data_types":["*"],"categories":["*"],"consents":["*"]}""";

    private static List<Row> Rows(UserTest user) => [.. user.Last.Events.SelectMany(e => UserEntity.Entity.Rows(user.State, e, user.Now))];

    private static void Wrote(UserTest user, Table table, params IReadOnlyList<object?> values) =>
        Assert.Contains(Rows(user), r => r.Table == table && r.Values.SequenceEqual(values));

    [Fact]
    public void A_user_is_a_row_without_personal_values()
    {
        var user = Fresh().When(new UserCommand.PutUser(Profile("Asia/Tokyo", new Agora.Core.Campaigns.UserAttribute("role", ["student"])), 5, null));
        Wrote(user, UserTables.Users, "default", "u1", 1L, 5L, null, 0L, Now, 0L);
        Wrote(user.When(new UserCommand.EraseData()), UserTables.Users, "default", "u1", 0L, 5L, null, 1L, Now, 0L);
    }

    [Fact]
    public void A_session_is_a_row_from_its_opening_to_its_end()
    {
        var user = Granted().When(Open(seconds: 60));
        var id = user.State.Sessions.Keys.Single();
        Wrote(user, UserTables.Sessions, "default", id, "u1", Agent, 1_000_000L, Now, Now + 60_000_000, null, null, 1L, Scopes);
        user.WhenStep(0, Answered("begun"));
        Assert.Empty(Rows(user));
        user.After(TimeSpan.FromSeconds(3)).When(new UserCommand.CloseSession(id, UserTest.Start.AddSeconds(1)));
        Wrote(user, UserTables.Sessions, "default", id, "u1", Agent, 1_000_000L, Now, Now + 60_000_000, Now + 1_000_000, null, 1L, Scopes);
    }

    [Fact]
    public void A_completion_is_a_row_that_says_under_which_command_its_output_is_sealed()
    {
        var user = Known();
        var (asked, completion) = (user.NextId(), user.NextId());
        user.When(user.Complete("c1", id: completion), asked);
        Assert.Empty(Rows(user));
        user.WhenStep(0, Answered("counted"));
        var consent = user.State.Completions["c1"].Consents.Single().ConsentId;
        var consents = $$"""[{"consent_id":"{{consent}}","type":"contact","granted_at":"2026-03-01T12:00:00+00:00"}]""";
        Wrote(user, UserTables.Completions, "default", completion.ToString(), "c1", "u1", "s1", Agent, "agent", Now, consents, 1L, asked.ToString());
        Wrote(user, UserTables.Consents, "default", consent, "u1", "s1", "c1", "contact", "session:s1", Now, null);
    }

    [Fact]
    public void What_a_task_was_given_is_outlined_in_a_row_of_its_own_that_a_withdrawal_leaves_alone()
    {
        var user = Known();
        var completion = user.NextId();
        user.When(user.Complete("c1", id: completion) with { Outline = new("Survey \"1\"", ["again", "rating"], "abc") });

        Wrote(user, UserTables.TaskOutlines, "default", completion.ToString(), "Survey \"1\"", """{"members":["again","rating"],"schema_sha256":"abc"}""");
        user.WhenStep(0, Answered("counted"));
        Assert.DoesNotContain(Rows(user), row => row.Table == UserTables.TaskOutlines);
    }

    [Fact]
    public void A_withdrawn_consent_reaches_the_sponsors_view_with_its_own_event()
    {
        var user = Known().Did("c1").When(new UserCommand.WithdrawConsent("consent-c1"));
        var row = Assert.Single(Rows(user), r => r.Table == UserTables.Completions);
        Assert.Equal(0L, row.Values[UserTables.Completions.Columns.ToList().IndexOf("consent_valid")]);
        Wrote(user, UserTables.Consents, "default", "consent-c1", "u1", "s1", "c1", "contact", "session:s1", Now, Now);
    }

    [Fact]
    public void A_run_writes_no_row()
    {
        var user = Known().Did("c1");
        user.When(user.Reserve(5, Sponsor("c1")));
        Assert.Empty(Rows(user));
    }
}
