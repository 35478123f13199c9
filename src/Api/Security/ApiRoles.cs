namespace Elasticity.Api;

/// <summary>What a key may do. None implies another, but <see cref="Admin"/> implies all.</summary>
[Flags]
public enum ApiRoles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Look: every GET. The word is <c>read</c>.</summary>
    Read = 1,

    /// <summary>Submit, cancel, pause, resume and redrive jobs. The word is <c>submit</c>.</summary>
    Submit = 2,

    /// <summary>Be an agent: register, lease, settle. The word is <c>work</c>.</summary>
    Work = 4,

    /// <summary>Everything. The word is <c>admin</c>.</summary>
    Admin = 8,
}

/// <summary>The role that an endpoint asks for; None lets everybody in.</summary>
internal sealed record RequiredRole(ApiRoles Role);
